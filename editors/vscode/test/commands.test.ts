// What the commands ask of the command line, and which program is started.

import assert from "node:assert/strict";
import { chmodSync, mkdirSync, mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, test } from "node:test";
import { testAt, tests, why, wrongTime } from "../src/commands";
import { chosen, found, Unusable } from "../src/program";

const LINES = [
  "rule low when close < 5 then hedge 5%",
  "test first",
  "  given close = 4",
  "",
  "  test  second",
  "given event cpi at 2026-12-10",
  "otherwise hedge 5%",
  "test_like > 5",
];

describe("commands", () => {
  test("the test at a line is the one it lies in", () => {
    const at = LINES.map((_, line) => testAt(LINES, line));
    assert.deepEqual(at, [undefined, "first", "first", "first", "second", "second", undefined, undefined]);
    assert.equal(testAt(LINES, 99), undefined);
    assert.equal(testAt([], 0), undefined);
  });

  test("words are handed on one by one", () => {
    assert.deepEqual(tests("a b.rules"), ["test", "a b.rules"]);
    assert.deepEqual(tests("a.rules", "first"), ["test", "a.rules", "-k", "::first"]);
    const words = ["why", "a.rules", "--data", "x.csv", "--data", "y.csv:ETH", "--at", "2024-03-14"];
    assert.deepEqual(why("a.rules", ["x.csv", "y.csv:ETH"], "2024-03-14"), words);
  });

  test("a time has a zone", () => {
    for (const right of ["2024-03-14", "2024-03-14T08:00Z", "2024-03-14T08:00:00Z", " 2024-03-14T08:00-05:00 "]) {
      assert.equal(wrongTime(right), undefined, right);
    }
    for (const wrong of ["", "yesterday", "2024-03-14T08:00", "08:00Z"]) assert.match(wrongTime(wrong) ?? "", /zone/);
  });
});

describe("the program", () => {
  const folder = mkdtempSync(join(tmpdir(), "rulelang "));

  test("is what the user set, else the one beside the rules, else the one on the path", () => {
    assert.deepEqual(chosen(["python", "-m", "rulelang"], [folder]), ["python", "-m", "rulelang"]);
    for (const nothing of [undefined, [], [""]]) assert.deepEqual(chosen(nothing, [folder]), ["rulelang"]);
    const [place, name] = process.platform === "win32" ? ["Scripts", "rulelang.exe"] : ["bin", "rulelang"];
    mkdirSync(join(folder, ".venv", place), { recursive: true });
    writeFileSync(join(folder, ".venv", place, name), "");
    assert.deepEqual(chosen(undefined, ["/nowhere", folder]), [join(folder, ".venv", place, name)]);
  });

  test("that isn't there is named", async () => {
    await assert.rejects(found(["no-such-program"], undefined), new Unusable("`no-such-program` was not found"));
  });

  test("that is another one is told apart", async () => {
    await assert.rejects(found([process.execPath], undefined), /is no rulelang: v\d+/);
    await assert.rejects(found([process.execPath, "-e", "process.exit(3)"], undefined), /is no rulelang/);
  });

  test("that is the right one tells its version", { skip: process.platform === "win32" }, async () => {
    const script = join(folder, "rulelang");
    writeFileSync(script, '#!/bin/sh\n[ "$1" = --version ] && echo "rulelang 9.8.7 (native engine)"\n');
    chmodSync(script, 0o755);
    assert.deepEqual(await found([script], folder), { command: [script], version: "9.8.7" });
  });
});
