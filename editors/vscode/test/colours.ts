// Colours a text as VS Code does, from the grammar in `grammar/`.

import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { createOnigScanner, createOnigString, loadWASM } from "vscode-oniguruma";
import { type IGrammar, INITIAL, parseRawGrammar, Registry } from "vscode-textmate";

export const ROOT = "../..";
const GRAMMAR = `${ROOT}/grammar/rulelang.tmLanguage.json`;
const TEXT = "string.quoted.double";
const QUOTE = "punctuation.definition.string";

/** Returns the colours of Markdown's and the language's grammars. */
export async function grammar(): Promise<IGrammar> {
  const wasm = createRequire(__filename).resolve("vscode-oniguruma/release/onig.wasm");
  await loadWASM(readFileSync(wasm));
  const registry = new Registry({
    onigLib: Promise.resolve({ createOnigScanner, createOnigString }),
    loadGrammar: async () => parseRawGrammar(readFileSync(GRAMMAR, "utf8"), GRAMMAR),
  });
  const loaded = await registry.loadGrammar("source.rulelang");
  if (!loaded) throw new Error("there is no grammar");
  return loaded;
}

/** Returns what each part of a text is coloured as: `close support.variable`. */
export function told(by: IGrammar, text: string): string[] {
  const found: string[] = [];
  let stack = INITIAL;
  for (const line of text.split(/\r\n|\r|\n/)) {
    const { tokens, ruleStack } = by.tokenizeLine(line, stack);
    stack = ruleStack;
    found.push(...once(tokens.map((one) => [line.slice(one.startIndex, one.endIndex), scope(one.scopes)])));
  }
  return found;
}

function scope(scopes: string[]): string {
  return scopes.at(-1)?.replace(/\.rulelang$/, "") ?? "";
}

/** Leaves out what has no colour, and joins a text in quotes with its quotes. */
function once(pieces: [string, string][]): string[] {
  const found: [string, string][] = [];
  for (const [piece, name] of pieces) {
    const before = found.at(-1);
    if (name === `${QUOTE}.begin`) found.push([piece, TEXT]);
    else if (name !== TEXT && name !== `${QUOTE}.end`) found.push([piece, name]);
    else if (before?.[1] === TEXT) before[0] += piece;
    else found.push([piece, TEXT]);
  }
  return found.filter(([, name]) => name !== "source" && name !== "meta.embedded.line").map((one) => one.join(" "));
}
