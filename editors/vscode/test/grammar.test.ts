// The grammar colours each case as told, every strategy without a fault, and ends each line where it began.

import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { describe, test } from "node:test";
import { INITIAL } from "vscode-textmate";
import { grammar, ROOT, told } from "./colours";

const CASES: Record<string, string[]> = JSON.parse(readFileSync(`${ROOT}/editors/cases.json`, "utf8"));
const RULES = readdirSync(`${ROOT}/rules`).filter((name) => name.endsWith(".rules"));

describe("colours", async () => {
  const by = await grammar();
  const scopesOf = (piece: string, text: string) => told(by, text).find((one) => one.startsWith(`${piece} `));

  for (const [text, wanted] of Object.entries(CASES)) {
    test(text, () => assert.deepEqual(told(by, text), wanted));
  }

  for (const name of RULES) {
    test(`${name} holds nothing wrong`, () => {
      const found = told(by, readFileSync(`${ROOT}/rules/${name}`, "utf8"));
      assert.ok(found.length > 50);
      assert.deepEqual(
        found.filter((one) => one.endsWith(" invalid.illegal")),
        [],
      );
    });
  }

  test("nothing of a line lasts into the next", () => {
    for (const text of [...Object.keys(CASES), 'because "open', 'because "open {close', "rule", "let x ="]) {
      assert.equal(by.tokenizeLine(text, INITIAL).ruleStack.depth, INITIAL.depth, text);
    }
  });

  test("an empty text and a long line are coloured too", () => {
    assert.deepEqual(told(by, ""), []);
    const long = `when ${"close > 1 and ".repeat(20_000)}close > 2 then hedge 5%`;
    assert.equal(told(by, long).length, 4 * 20_001 + 4);
  });

  test("a word inside a longer one is no keyword", () => {
    assert.equal(scopesOf("whenever", "whenever"), "whenever variable.other");
    assert.equal(scopesOf("when", "when"), "when keyword.control");
  });
});
