// What the editor's commands ask of the command line.

/** Returns the words that run the tests of a file, or those of one name. */
export function tests(file: string, name?: string): string[] {
  return name === undefined ? ["test", file] : ["test", file, "-k", `::${name}`];
}

/** Returns the words that explain the decision at a bar. */
export function why(file: string, data: readonly string[], time: string): string[] {
  return ["why", file, ...data.flatMap((path) => ["--data", path]), "--at", time];
}

const TEST = /^\s*test\s+([a-z][a-z0-9_]*)/;
const OTHER = /^\s*(?:assets|bars|use|field|event|param|let|target|rule|when|otherwise)\b/;

/** Returns the name of the test that a line (counted from 0) lies in. */
export function testAt(lines: readonly string[], line: number): string | undefined {
  for (let at = Math.min(line, lines.length - 1); at >= 0; at--) {
    const text = lines[at] ?? "";
    const name = TEST.exec(text)?.[1];
    if (name !== undefined || OTHER.test(text)) return name;
  }
  return undefined;
}

const MOMENT = /^\d{4}-\d{2}-\d{2}(?:T\d{2}:\d{2}(?::\d{2})?(?:Z|[+-]\d{2}:\d{2}))?$/;

/** Says what is wrong with a time that was typed. */
export function wrongTime(text: string): string | undefined {
  return MOMENT.test(text.trim()) ? undefined : "a time with its zone, such as 2024-03-14T08:00Z, or a day";
}
