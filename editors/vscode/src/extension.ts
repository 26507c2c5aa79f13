// The extension: starts the language server, tells how it is, and runs the command line on the file that is open.

import * as vscode from "vscode";
import { LanguageClient, type LanguageClientOptions, State } from "vscode-languageclient/node";
import { testAt, tests, why, wrongTime } from "./commands";
import { chosen, type Found, found, Unusable } from "./program";

const SELECTOR = [
  { language: "rulelang", scheme: "file" },
  { language: "rulelang", scheme: "untitled" },
];

let output: vscode.LogOutputChannel;
let status: vscode.LanguageStatusItem;
let client: LanguageClient | undefined;
let turn: Promise<void> = Promise.resolve();
let waiting: Promise<void> | undefined;

export async function activate(context: vscode.ExtensionContext): Promise<void> {
  output = vscode.window.createOutputChannel("rulelang", { log: true });
  status = vscode.languages.createLanguageStatusItem("rulelang", { language: "rulelang" });
  status.name = "rulelang";
  status.command = { command: "rulelang.output", title: "Output" };
  context.subscriptions.push(output, status, ...commands(), vscode.workspace.onDidChangeConfiguration(changed));
  context.subscriptions.push(vscode.workspace.onDidGrantWorkspaceTrust(restart));
  await restart();
}

export async function deactivate(): Promise<void> {
  await turn;
  await stop();
}

function commands(): vscode.Disposable[] {
  const on = vscode.commands.registerCommand;
  return [
    on("rulelang.restart", restart),
    on("rulelang.output", () => output.show()),
    on("rulelang.testFile", () => run((document) => tests(document.fileName))),
    on("rulelang.testHere", () => run((document, line) => tests(document.fileName, testAt(linesOf(document), line)))),
    on("rulelang.table", () => run((document) => ["table", document.fileName])),
    on("rulelang.describe", () => run((document) => ["describe", document.fileName])),
    on("rulelang.why", () => run(whyOf)),
  ];
}

async function changed(event: vscode.ConfigurationChangeEvent): Promise<void> {
  if (event.affectsConfiguration("rulelang.command")) await restart();
}

// The server -----------------------------------------------------------------------------------------------------

/** Starts the server anew when what goes on has come to its end; whoever asks meanwhile gets the same start. */
function restart(): Promise<void> {
  waiting ??= turn.then(next).catch(explain);
  turn = waiting;
  return waiting;
}

function next(): Promise<void> {
  waiting = undefined;
  return begin();
}

async function begin(): Promise<void> {
  tell("starting", vscode.LanguageStatusSeverity.Information, true);
  await stop();
  const program = await found(command(), folders()[0]);
  const started = new LanguageClient("rulelang", "rulelang", server(program), options());
  client = started;
  await started.start();
  started.onDidChangeState(({ newState }) => client === started && tellState(newState, program));
  tellState(State.Running, program);
  output.info(`started ${program.command.join(" ")}, version ${program.version}`);
}

/** Stops the server; one that never came up has nothing to stop. */
async function stop(): Promise<void> {
  const last = client;
  client = undefined;
  if (last?.needsStop()) await last.dispose();
}

function server({ command: [program, ...words] }: Found) {
  const folder = folders()[0];
  return { command: program, args: [...words, "lsp"], options: folder === undefined ? {} : { cwd: folder } };
}

function options(): LanguageClientOptions {
  return {
    documentSelector: SELECTOR,
    outputChannel: output,
    initializationOptions: { data: data() },
    synchronize: { configurationSection: "rulelang" },
  };
}

function command() {
  const set = vscode.workspace.getConfiguration("rulelang").inspect<string[]>("command");
  const workspace = vscode.workspace.isTrusted ? (set?.workspaceFolderValue ?? set?.workspaceValue) : undefined;
  return chosen(workspace ?? set?.globalValue, folders());
}

/** Returns where to look for programs and to start them: in folders that the user trusts. */
function folders(): string[] {
  const all = vscode.workspace.isTrusted ? (vscode.workspace.workspaceFolders ?? []) : [];
  return all.filter((folder) => folder.uri.scheme === "file").map((folder) => folder.uri.fsPath);
}

function data(): string[] {
  return vscode.workspace.getConfiguration("rulelang").get<string[]>("data", []);
}

// What is told of it ---------------------------------------------------------------------------------------------

function tell(text: string, severity: vscode.LanguageStatusSeverity, busy = false): void {
  status.text = `rulelang ${text}`;
  status.severity = severity;
  status.busy = busy;
}

function tellState(state: State, { version }: Found): void {
  if (state === State.Running) tell(version, vscode.LanguageStatusSeverity.Information);
  else if (state === State.Stopped) tell("has stopped", vscode.LanguageStatusSeverity.Warning);
}

/** Says why there is no server, with what can be done about it; nothing waits for the answer. */
function explain(error: unknown): void {
  const missing = error instanceof Unusable;
  const reason = error instanceof Error ? error.message : String(error);
  tell("is not running", vscode.LanguageStatusSeverity.Error);
  output.error(reason);
  const advice = missing
    ? 'Install it with pip install "rulelang[editor]", or say where it is.'
    : 'Its output says why; it needs pip install "rulelang[editor]".';
  void vscode.window.showErrorMessage(`${reason}. ${advice}`, "Settings", "Output", "Try Again").then(answer);
}

async function answer(button: string | undefined): Promise<void> {
  if (button === "Settings") await vscode.commands.executeCommand("workbench.action.openSettings", "rulelang.command");
  if (button === "Output") output.show();
  if (button === "Try Again") await restart();
}

// The command line -----------------------------------------------------------------------------------------------

type Asked = readonly string[] | undefined;

/** Saves the file that is open and runs the command line on it, in a terminal; without words it does nothing. */
async function run(ask: (document: vscode.TextDocument, line: number) => Asked | Promise<Asked>): Promise<void> {
  if (!(await saved())) return;
  const editor = vscode.window.activeTextEditor;
  if (editor?.document.languageId !== "rulelang") {
    void vscode.window.showInformationMessage("Open a rule file first.");
    return;
  }
  const words = await ask(editor.document, editor.selection.active.line);
  if (words !== undefined) await vscode.tasks.executeTask(task(words));
}

/** Saves the file that is open; one without a name gets it here, and is another document then. */
async function saved(): Promise<boolean> {
  return (await vscode.window.activeTextEditor?.document.save()) ?? true;
}

/** Returns a task that starts the program itself: no shell reads the words. */
function task(words: readonly string[]): vscode.Task {
  const [program, ...before] = command();
  const folder = folders()[0];
  const inside = folder === undefined ? {} : { cwd: folder };
  const execution = new vscode.ProcessExecution(program, [...before, ...words], inside);
  const scope = vscode.workspace.workspaceFolders?.[0] ?? vscode.TaskScope.Global;
  const made = new vscode.Task({ type: "process" }, scope, words[0] ?? "", "rulelang", execution, []);
  made.presentationOptions = { clear: true, focus: false, panel: vscode.TaskPanelKind.Shared };
  return made;
}

async function whyOf(document: vscode.TextDocument): Promise<Asked> {
  const paths = data();
  if (paths.length === 0) {
    const button = await vscode.window.showInformationMessage("Say first where market data is.", "Settings");
    if (button) await vscode.commands.executeCommand("workbench.action.openSettings", "rulelang.data");
    return undefined;
  }
  const time = await vscode.window.showInputBox({
    title: "Explain the decision at which bar?",
    placeHolder: "2024-03-14T08:00Z",
    validateInput: wrongTime,
  });
  return time === undefined ? undefined : why(document.fileName, paths, time.trim());
}

function linesOf(document: vscode.TextDocument): string[] {
  return document.getText().split(/\r\n|\r|\n/);
}
