// The packed extension holds what it needs and nothing else, and what it declares is there.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { isBuiltin } from "node:module";
import { describe, test } from "node:test";
import { strFromU8, unzipSync } from "fflate";
import { ROOT } from "./colours";

const files = unzipSync(readFileSync("build/rulelang.vsix"));
const text = (name: string) => {
  const found = files[`extension/${name}`];
  assert.ok(found, `${name} is missing`);
  return strFromU8(found);
};
const manifest = JSON.parse(text("package.json"));
const source = JSON.parse(readFileSync("package.json", "utf8"));

describe("the package", () => {
  test("holds these files", () => {
    const wanted = ["LICENSE.txt", "extension.js", "language-configuration.json", "markdown.tmLanguage.json"];
    wanted.push("package.json", "readme.md", "rulelang.tmLanguage.json", "snippets.json");
    const inside = wanted.map((name) => `extension/${name}`);
    assert.deepEqual(Object.keys(files).sort(), ["[Content_Types].xml", ...inside, "extension.vsixmanifest"].sort());
  });

  test("has the grammar and the licence that all share", () => {
    assert.equal(text("rulelang.tmLanguage.json"), readFileSync(`${ROOT}/grammar/rulelang.tmLanguage.json`, "utf8"));
    assert.equal(text("LICENSE.txt"), readFileSync(`${ROOT}/LICENSE`, "utf8"));
  });

  test("is described as in the source, without what only its makers need", () => {
    const { scripts, dependencies, devDependencies, private: _, ...rest } = source;
    assert.deepEqual(manifest, { ...rest, files: ["*"] });
    assert.match(strFromU8(files["extension.vsixmanifest"] ?? new Uint8Array()), /Id="rulelang" Version="0\.1\.0"/);
  });

  test("has every file that it names", () => {
    const { languages, grammars, snippets } = manifest.contributes;
    const named = [manifest.main, ...languages.map((one: { configuration: string }) => one.configuration)];
    named.push(...[...grammars, ...snippets].map((one: { path: string }) => one.path));
    for (const path of named) assert.ok(text(path.replace("./", "")).length > 0);
    for (const one of grammars) assert.equal(JSON.parse(text(one.path.replace("./", ""))).scopeName, one.scopeName);
  });

  test("declares every command that it has, and has every one that it declares", () => {
    const declared = manifest.contributes.commands.map((one: { command: string }) => one.command).sort();
    const had = [...text("extension.js").matchAll(/"(rulelang\.[A-Za-z]+)",\s*(?:\(|[A-Za-z_$])/g)].map(
      (one) => one[1],
    );
    for (const name of declared) assert.ok(had.includes(name), `${name} does nothing`);
    const menus: { command: string }[][] = Object.values(manifest.contributes.menus);
    for (const { command } of menus.flat()) assert.ok(declared.includes(command), command);
  });

  test("needs nothing but the editor and Node", () => {
    const wanted = [...text("extension.js").matchAll(/\brequire\("([^"]+)"\)/g)].map((one) => one[1] ?? "");
    assert.ok(wanted.includes("vscode"));
    assert.deepEqual(
      wanted.filter((name) => name !== "vscode" && !isBuiltin(name)),
      [],
    );
  });

  test("has no address of where it was made in its lock", () => {
    const lock = readFileSync("package-lock.json", "utf8");
    assert.doesNotMatch(lock, /"resolved"/);
    assert.equal(JSON.parse(lock).packages[""].version, source.version);
  });
});

describe("typing", () => {
  const rules = JSON.parse(text("language-configuration.json"));
  const more = new RegExp(rules.indentationRules.increaseIndentPattern);
  const less = new RegExp(rules.indentationRules.decreaseIndentPattern);

  test("indents what belongs to a rule or test", () => {
    for (const line of ["rule low", "rule low  # so", "rule low on BTC, ETH", "test it", "  test it"])
      assert.match(line, more);
    for (const line of [
      "rule low when close > 5",
      "rule low on BTC when close > 5",
      "when close > 5",
      "rule",
      "# rule low",
    ]) {
      assert.doesNotMatch(line, more);
    }
  });

  test("takes a new statement back to the margin", () => {
    for (const line of ["  rule low", "  otherwise hedge 5%", "  let a = 5"]) assert.match(line, less);
    for (const line of ["  when close > 5", "  then hedge 5%", "  because", "  rules"]) assert.doesNotMatch(line, less);
  });

  test("takes a name, a number with its sign, a keyword each as one word", () => {
    const words = "when funding_8h > 0.05% for 3 then 1INCH.close".match(new RegExp(rules.wordPattern, "g"));
    assert.deepEqual(words, ["when", "funding_8h", "0.05%", "for", "3", "then", "1INCH", "close"]);
  });
});
