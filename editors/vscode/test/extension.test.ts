// The extension as it is packed, in an editor that only stands for one, with the real language server.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { after, before, describe, test } from "node:test";
import { Document, loaded, look, open, seen, tell, user } from "./editor";

const PYTHON = process.env.RULELANG_PYTHON ?? "python3";
const FILE = resolve("../../rules/my.rules");
const TEXT = "bars 1h\nwhen close > 5 then hedge 5%\ntest first\n  given close = 6\n  expect hedge = 5%\n";
const run = (name: string) => seen.commands.get(`rulelang.${name}`)?.();

/** Waits until something is so. */
async function until(holds: () => boolean, what: string): Promise<void> {
  const deadline = Date.now() + 60_000;
  while (!holds()) {
    assert.ok(Date.now() < deadline, `${what}: ${seen.status.text}, ${seen.log.join(" | ")}`);
    await new Promise((done) => setTimeout(done, 20));
  }
}

/** Returns the language servers that run below this process. */
function servers(): number[] {
  const children = readFileSync(`/proc/${process.pid}/task/${process.pid}/children`, "utf8").split(" ").filter(Boolean);
  return children.map(Number).filter((one) => readFileSync(`/proc/${one}/cmdline`, "utf8").includes("\0lsp"));
}

describe("the extension", () => {
  const extension = loaded();
  const document = new Document(FILE, TEXT);

  function type(text: string): void {
    const end = { line: document.text.split("\n").length - 1, character: 0 };
    document.text = text;
    document.version += 1;
    tell("change", { document, contentChanges: [{ range: { start: { line: 0, character: 0 }, end }, text }] });
  }

  before(() => {
    user.settings.command = ["no-such-program"];
    return extension.activate({ subscriptions: [] });
  });

  after(() => extension.deactivate());

  test("has every command that it declares", () => {
    const { contributes } = JSON.parse(readFileSync("package.json", "utf8"));
    const declared = contributes.commands.map((one: { command: string }) => one.command);
    assert.deepEqual([...seen.commands.keys()].sort(), declared.sort());
  });

  test("says what to do when the program isn't there", async () => {
    assert.match(seen.messages.pop() ?? "", /^`no-such-program` was not found\. Install it with pip install/);
    assert.equal(seen.status.text, "rulelang is not running");
    assert.equal(seen.status.severity, "error");
    user.presses.push("Settings");
    await run("restart");
    await until(() => seen.opened.length > 0, "the settings open");
    assert.deepEqual(seen.opened, [["workbench.action.openSettings", "rulelang.command"]]);
  });

  test("takes no program from a workspace that isn't trusted", async () => {
    user.trusts = false;
    await run("restart");
    assert.doesNotMatch(seen.messages.pop() ?? "", /no-such-program/);
    user.trusts = true;
  });

  test("starts the server when the setting is mended, and shows mistakes", async () => {
    user.settings.command = [PYTHON, "-m", "rulelang"];
    tell("configuration", { affectsConfiguration: (name: string) => name === "rulelang.command" });
    await until(() => /^rulelang \d/.test(seen.status.text), "the server starts");
    assert.equal(seen.status.severity, "information");
    open(document);
    await until(() => seen.diagnostics.has(FILE), "diagnostics arrive");
    assert.deepEqual(seen.diagnostics.get(FILE), []);
    type("bars 1h\nwhen close > 5 then hedge 0.7\n");
    await until(() => seen.diagnostics.get(FILE)?.length === 1, "a mistake is shown");
    assert.match(seen.diagnostics.get(FILE)?.[0]?.message ?? "", /hedge/);
    type(TEXT);
    await until(() => seen.diagnostics.get(FILE)?.length === 0, "the mistake goes");
  });

  test("runs the command line on the file, saved before", async () => {
    look(document, 3);
    for (const name of ["testHere", "testFile", "table", "describe"]) await run(name);
    const own = [PYTHON, "-m", "rulelang"];
    assert.deepEqual(seen.ran.splice(0), [
      [...own, "test", FILE, "-k", "::first"],
      [...own, "test", FILE],
      [...own, "table", FILE],
      [...own, "describe", FILE],
    ]);
    assert.equal(document.saves, 4);
  });

  test("asks for data and for a time before it explains a decision", async () => {
    await run("why");
    assert.equal(seen.messages.pop(), "Say first where market data is.");
    user.settings.data = ["a.csv", "b.csv:ETH"];
    await run("why");
    assert.deepEqual(seen.ran, []);
    user.types = "2024-03-14T08:00Z";
    await run("why");
    const words = ["why", FILE, "--data", "a.csv", "--data", "b.csv:ETH", "--at", "2024-03-14T08:00Z"];
    assert.deepEqual(seen.ran.splice(0), [[PYTHON, "-m", "rulelang", ...words]]);
  });

  test("says so when the server dies, and that it is back", { skip: process.platform !== "linux" }, async () => {
    const before = seen.log.length;
    for (const child of servers()) process.kill(child);
    await until(() => seen.status.text === "rulelang has stopped", "the end is told");
    await until(() => /^rulelang \d/.test(seen.status.text), "the client starts it again");
    assert.ok(seen.log.length > before);
  });

  test("complains of nothing else", () => {
    const own = /no-such-program|`rulelang` was not found|Server will restart/;
    assert.deepEqual(
      seen.log.filter((line) => /error|failed|exception/i.test(line) && !own.test(line)),
      [],
    );
  });

  test("starts the server once for however many wishes", async () => {
    const starts = () => seen.log.filter((line) => line.startsWith("started ")).length;
    const before = starts();
    await Promise.all([run("restart"), run("restart"), run("restart")]);
    assert.equal(starts(), before + 1);
    assert.match(seen.status.text, /^rulelang \d/);
  });
});
