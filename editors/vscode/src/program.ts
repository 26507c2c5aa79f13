// Which program is started, and whether it is there.

import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";

export const PLAIN: readonly string[] = ["rulelang"];

export interface Found {
  readonly command: readonly [string, ...string[]];
  readonly version: string;
}

/** Says why a program can't be used. */
export class Unusable extends Error {}

/** Returns what to start: what the user set, else the `rulelang` of a folder's `.venv`, else the one on the path. */
export function chosen(set: readonly string[] | undefined, folders: readonly string[]): readonly [string, ...string[]] {
  if (isCommand(set)) return set;
  const inside = process.platform === "win32" ? ["Scripts", "rulelang.exe"] : ["bin", "rulelang"];
  const near = folders.map((folder) => join(folder, ".venv", ...inside)).find((path) => existsSync(path));
  return [near ?? "rulelang"];
}

function isCommand(set: readonly string[] | undefined): set is readonly [string, ...string[]] {
  return set !== undefined && set.length > 0 && set[0]?.trim() !== "";
}

/** Asks a program for its version; throws `Unusable` where it can't be started or is something else. */
export function found(command: readonly [string, ...string[]], folder: string | undefined): Promise<Found> {
  const [program, ...words] = command;
  const written = command.join(" ");
  return new Promise((resolve, reject) => {
    const answered = (error: Error | null, printed: string, complained: string) => {
      const version = /^rulelang (\d\S*)/.exec(printed)?.[1];
      if (version !== undefined) resolve({ command, version });
      else if (error && "code" in error && error.code === "ENOENT")
        reject(new Unusable(`\`${written}\` was not found`));
      else
        reject(new Unusable(`\`${written}\` is no rulelang: ${complained.trim() || printed.trim() || error?.message}`));
    };
    execFile(program, [...words, "--version"], { cwd: folder, timeout: 20_000, windowsHide: true }, answered);
  });
}
