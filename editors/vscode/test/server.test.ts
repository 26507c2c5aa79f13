// The language server, asked as the editor asks it: over standard input and output, by the protocol.

import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { after, before, describe, test } from "node:test";
import {
  CompletionRequest,
  createProtocolConnection,
  DidChangeTextDocumentNotification,
  DidOpenTextDocumentNotification,
  DocumentFormattingRequest,
  ExitNotification,
  HoverRequest,
  InitializedNotification,
  InitializeRequest,
  type InitializeResult,
  type ProtocolConnection,
  PublishDiagnosticsNotification,
  type PublishDiagnosticsParams,
  SemanticTokensRequest,
  ShutdownRequest,
} from "vscode-languageserver-protocol/node";
import { ROOT } from "./colours";

const PYTHON = process.env.RULELANG_PYTHON ?? "python3";
const URI = "file:///somewhere/my.rules";
const WRONG = "# 😀 first\nbars 1h\nwhen funding_8h > 0.05 then hedge 70%\n";

let server: ChildProcess;
let connection: ProtocolConnection;
let greeting: InitializeResult;
const told: PublishDiagnosticsParams[] = [];

/** Waits for what the server says of a version of the text. */
async function diagnosed(version: number): Promise<PublishDiagnosticsParams> {
  const deadline = Date.now() + 60_000;
  while (Date.now() < deadline) {
    const found = told.find((one) => one.version === version);
    if (found) return found;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  throw new Error(`nothing was said of version ${version}`);
}

describe("the language server", () => {
  before(async () => {
    server = spawn(PYTHON, ["-m", "rulelang", "lsp"], { cwd: ROOT, stdio: ["pipe", "pipe", "inherit"] });
    if (!server.stdout || !server.stdin) throw new Error("the server has no pipes");
    connection = createProtocolConnection(server.stdout, server.stdin);
    connection.onNotification(PublishDiagnosticsNotification.type, (params) => {
      told.push(params);
    });
    connection.listen();
    greeting = await connection.sendRequest(InitializeRequest.type, {
      processId: process.pid,
      rootUri: null,
      capabilities: { textDocument: { hover: { contentFormat: ["markdown"] } } },
      initializationOptions: { data: [] },
    });
    await connection.sendNotification(InitializedNotification.type, {});
  });

  after(() => {
    connection.dispose();
    server.kill();
  });

  test("says who it is and what it does", () => {
    assert.equal(greeting.serverInfo?.name, "rulelang");
    assert.ok(greeting.capabilities.textDocumentSync);
    assert.ok(greeting.capabilities.documentFormattingProvider);
    assert.ok(greeting.capabilities.codeActionProvider);
  });

  test("tells mistakes where they are, and takes them back", async () => {
    const document = { uri: URI, languageId: "rulelang", version: 1, text: WRONG };
    await connection.sendNotification(DidOpenTextDocumentNotification.type, { textDocument: document });
    const [mistake, ...more] = (await diagnosed(1)).diagnostics;
    assert.deepEqual(more, []);
    assert.equal(mistake?.code, "RL302");
    assert.deepEqual(mistake?.range, { start: { line: 2, character: 18 }, end: { line: 2, character: 22 } });
    const range = { start: { line: 2, character: 22 }, end: { line: 2, character: 22 } };
    await connection.sendNotification(DidChangeTextDocumentNotification.type, {
      textDocument: { uri: URI, version: 2 },
      contentChanges: [{ range, text: "%" }],
    });
    assert.deepEqual((await diagnosed(2)).diagnostics, []);
  });

  test("explains what the cursor is on, offers what fits, and says what each word is", async () => {
    const document = { uri: URI };
    const hover = await connection.sendRequest(HoverRequest.type, {
      textDocument: document,
      position: { line: 2, character: 8 },
    });
    assert.match(JSON.stringify(hover?.contents), /settled/);
    const offered = await connection.sendRequest(CompletionRequest.type, {
      textDocument: document,
      position: { line: 2, character: 5 },
    });
    const items = Array.isArray(offered) ? offered : (offered?.items ?? []);
    assert.ok(items.some((item) => item.label === "funding_8h"));
    const legend = greeting.capabilities.semanticTokensProvider?.legend.tokenTypes ?? [];
    const tokens = await connection.sendRequest(SemanticTokensRequest.type, { textDocument: document });
    const types = (tokens?.data ?? []).filter((_, at) => at % 5 === 3).map((type) => legend[type]);
    assert.ok(types.includes("field") && types.includes("target"), types.join(" "));
  });

  test("lays a file out", async () => {
    await connection.sendNotification(DidChangeTextDocumentNotification.type, {
      textDocument: { uri: URI, version: 3 },
      contentChanges: [{ text: "bars 1h when close>5 then hedge 5%" }],
    });
    const edits = await connection.sendRequest(DocumentFormattingRequest.type, {
      textDocument: { uri: URI },
      options: { tabSize: 2, insertSpaces: true },
    });
    assert.match(edits?.map((edit) => edit.newText).join("") ?? "", /when close > 5 then hedge 5%\n/);
  });

  test("ends when it is asked to", async () => {
    await connection.sendRequest(ShutdownRequest.type);
    const ended = once(server, "exit");
    await connection.sendNotification(ExitNotification.type);
    assert.deepEqual(await ended, [0, null]);
  });
});
