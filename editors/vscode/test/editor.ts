// So much of VS Code as the extension and its language client ask for: the editor itself can't be had in a test.
//
// What it stands for is remembered (`seen`), what the user would do is set (`user`); all else is there and does nothing.

import { EventEmitter as Emitter } from "node:events";
import Module from "node:module";
import { resolve } from "node:path";
import { pathToFileURL } from "node:url";

type Handler = (...words: unknown[]) => unknown;

export const user = {
  trusts: true,
  settings: { command: undefined as string[] | undefined, data: [] as string[] },
  presses: [] as (string | undefined)[],
  types: undefined as string | undefined,
};

export const seen = {
  commands: new Map<string, Handler>(),
  diagnostics: new Map<string, { message: string; code: unknown }[]>(),
  messages: [] as string[],
  opened: [] as unknown[][],
  ran: [] as string[][],
  log: [] as string[],
  status: { text: "", severity: "", busy: false, command: undefined },
};

const events = new Emitter();

/** Returns what registers a handler for an event, as the editor does. */
function event(name: string) {
  return (handler: Handler, self?: unknown) => {
    const bound = handler.bind(self);
    events.on(name, bound);
    return { dispose: () => events.off(name, bound) };
  };
}

export function tell(name: string, what: unknown): void {
  events.emit(name, what);
}

class Disposable {
  constructor(readonly dispose: () => void) {}
  static from(...all: { dispose(): void }[]) {
    return new Disposable(() => {
      for (const one of all) one.dispose();
    });
  }
}

class Position {
  constructor(
    readonly line: number,
    readonly character: number,
  ) {}
}

class Range {
  constructor(
    readonly start: Position,
    readonly end: Position,
  ) {}
}

class Uri {
  readonly scheme: string;
  constructor(readonly text: string) {
    this.scheme = text.slice(0, text.indexOf(":"));
  }
  static parse(text: string) {
    return new Uri(text);
  }
  static file(path: string) {
    return new Uri(pathToFileURL(path).href);
  }
  get fsPath() {
    return decodeURIComponent(new URL(this.text).pathname);
  }
  toString() {
    return this.text;
  }
}

class EventEmitter {
  readonly #handlers = new Set<Handler>();
  event = (handler: Handler, self?: unknown) => {
    const bound = handler.bind(self);
    this.#handlers.add(bound);
    return { dispose: () => this.#handlers.delete(bound) };
  };
  fire(what: unknown) {
    for (const handler of this.#handlers) handler(what);
  }
  dispose() {
    this.#handlers.clear();
  }
}

class CancellationTokenSource {
  token = { isCancellationRequested: false, onCancellationRequested: new EventEmitter().event };
  cancel() {}
  dispose() {}
}

class Diagnostic {
  constructor(
    readonly range: Range,
    readonly message: string,
  ) {}
}

class CodeActionKind {
  static readonly Empty = new CodeActionKind("");
  constructor(readonly value: string) {}
  append(part: string) {
    return new CodeActionKind(this.value ? `${this.value}.${part}` : part);
  }
}

class ProcessExecution {
  constructor(
    readonly process: string,
    readonly args: string[],
    readonly options: { cwd?: string },
  ) {}
}

class Task {
  presentationOptions = {};
  constructor(
    readonly definition: unknown,
    readonly scope: unknown,
    readonly name: string,
    readonly source: string,
    readonly execution: ProcessExecution,
  ) {}
}

/** A file that is open: its text is one version, changed as a whole. */
export class Document {
  readonly languageId = "rulelang";
  readonly isClosed = false;
  readonly isUntitled = false;
  version = 1;
  saves = 0;
  readonly uri: Uri;
  constructor(
    readonly fileName: string,
    public text: string,
  ) {
    this.uri = Uri.file(fileName);
  }
  getText() {
    return this.text;
  }
  async save() {
    this.saves += 1;
    return true;
  }
}

const folder = { uri: Uri.file(resolve("../..")), name: "rulelang", index: 0 };
const pressed = async (message: string) => {
  seen.messages.push(message);
  return user.presses.shift();
};
const log = (line: string) => seen.log.push(line);

const window = {
  activeTextEditor: undefined as undefined | { document: Document; selection: { active: Position } },
  visibleTextEditors: [],
  tabGroups: { all: [], onDidChangeTabs: event("tabs") },
  onDidChangeActiveTextEditor: event("editor"),
  onDidChangeVisibleTextEditors: event("editors"),
  showErrorMessage: pressed,
  showInformationMessage: pressed,
  showWarningMessage: pressed,
  showInputBox: async () => user.types,
  createOutputChannel: () => ({
    ...{ info: log, error: log, warn: log, debug: log, trace: log, append: log, appendLine: log },
    ...{ show: () => log("shown"), dispose() {}, clear() {}, logLevel: 3, onDidChangeLogLevel: event("level") },
  }),
};

const workspace = {
  get isTrusted() {
    return user.trusts;
  },
  workspaceFolders: [folder],
  textDocuments: [] as Document[],
  notebookDocuments: [],
  getConfiguration: (section?: string) => ({
    get: (name: string, or: unknown) => (section === "rulelang" && name === "data" ? user.settings.data : or),
    inspect: () => ({ workspaceValue: user.settings.command }),
    rulelang: { data: user.settings.data },
  }),
  getWorkspaceFolder: () => folder,
  onDidChangeConfiguration: event("configuration"),
  onDidGrantWorkspaceTrust: event("trust"),
  onDidOpenTextDocument: event("open"),
  onDidChangeTextDocument: event("change"),
  onDidCloseTextDocument: event("close"),
  onDidSaveTextDocument: event("save"),
  createFileSystemWatcher: () => ({
    ...{ onDidCreate: event("created"), onDidChange: event("changed"), onDidDelete: event("deleted"), dispose() {} },
  }),
};

const languages = {
  match: (selector: { language: string }[], document: Document) =>
    selector.some((one) => one.language === document.languageId) ? 10 : 0,
  createLanguageStatusItem: () => seen.status,
  createDiagnosticCollection: () => ({
    set: (uri: Uri, found: { message: string; code: unknown }[]) => seen.diagnostics.set(uri.fsPath, found),
    delete: (uri: Uri) => seen.diagnostics.delete(uri.fsPath),
    clear: () => seen.diagnostics.clear(),
    dispose() {},
  }),
};

const commands = {
  registerCommand: (name: string, handler: Handler) => {
    seen.commands.set(name, handler);
    return { dispose: () => seen.commands.delete(name) };
  },
  executeCommand: async (...words: unknown[]) => seen.opened.push(words),
};

const tasks = {
  executeTask: async ({ execution }: Task) => seen.ran.push([execution.process, ...execution.args]),
};

/** Stands for whatever else the editor has: it can be called, made, asked for parts and told to go. */
function nothing(): unknown {
  const parts: Record<string, unknown> = { dispose() {} };
  const made = function made() {};
  return new Proxy(made, {
    get: (target, name) =>
      name === "prototype" ? target.prototype : typeof name === "string" ? parts[name] : undefined,
    apply: () => ({ dispose() {} }),
    construct: () => ({ dispose() {} }),
  });
}

/** Puts something in place of what a part lacks, so that one part can be missed without another. */
function whole<T extends object>(part: T): T {
  return new Proxy(part, {
    get: (known, name, self) => (Reflect.has(known, name) ? Reflect.get(known, name, self) : nothing()),
  });
}

const Severity = { Error: "error", Warning: "warning", Information: "information" };
const api = whole({
  ...{
    Position,
    Range,
    Uri,
    EventEmitter,
    CancellationTokenSource,
    Diagnostic,
    CodeActionKind,
    ProcessExecution,
    Task,
  },
  ...{ LanguageStatusSeverity: Severity, CancellationError: Error, Disposable, version: "1.91.0" },
  ...{ TaskScope: { Global: 1 }, TaskPanelKind: { Shared: 1 }, LogLevel: { Trace: 1, Info: 3 } },
  env: whole({ language: "en", appName: "a test" }),
  ...{ window: whole(window), workspace: whole(workspace), languages: whole(languages) },
  ...{ commands: whole(commands), tasks: whole(tasks) },
});

/** Puts the cursor into a line of a file. */
export function look(document: Document, line: number): void {
  window.activeTextEditor = { document, selection: { active: new Position(line, 0) } };
}

/** Opens a file, as the editor tells it. */
export function open(document: Document): void {
  workspace.textDocuments.push(document);
  look(document, 0);
  tell("open", document);
}

interface Extension {
  activate(context: { subscriptions: unknown[] }): Promise<void>;
  deactivate(): Promise<void>;
}

/** Loads the extension as it is packed, with this editor in the place of the real one. */
export function loaded(): Extension {
  const loader = Module as unknown as { _load(name: string, ...rest: unknown[]): unknown };
  const load = loader._load;
  loader._load = (name, ...rest) => (name === "vscode" ? api : load(name, ...rest));
  return require(resolve("build/extension/extension.js"));
}
