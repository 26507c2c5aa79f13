// Builds what is packaged into build/extension; `--tests` builds the tests into build/test instead.

import { cp, mkdir, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { build } from "esbuild";

const OUT = "build/extension";
const SHIPPED = ["README.md", "language-configuration.json", "markdown.tmLanguage.json", "snippets.json"];
const SHARED = ["../../grammar/rulelang.tmLanguage.json", "../../LICENSE"];
const ONLY_HERE = ["scripts", "dependencies", "devDependencies", "private"];

async function extension() {
  await rm(OUT, { recursive: true, force: true });
  await mkdir(OUT, { recursive: true });
  await build({
    entryPoints: ["src/extension.ts"],
    outfile: `${OUT}/extension.js`,
    bundle: true,
    minify: true,
    platform: "node",
    target: "node20",
    external: ["vscode"],
    mainFields: ["module", "main"],
    legalComments: "eof",
  });
  for (const path of [...SHIPPED, ...SHARED]) await cp(path, `${OUT}/${path.split("/").at(-1)}`);
  await writeFile(`${OUT}/package.json`, await manifest());
}

async function manifest() {
  const all = JSON.parse(await readFile("package.json", "utf8"));
  for (const key of ONLY_HERE) delete all[key];
  all.files = ["*"]; // the folder holds nothing but what is shipped
  return `${JSON.stringify(all, null, 2)}\n`;
}

async function tests() {
  await rm("build/test", { recursive: true, force: true });
  const files = (await readdir("test")).map((name) => `test/${name}`);
  await build({
    entryPoints: files,
    outdir: "build/test",
    bundle: true,
    platform: "node",
    target: "node20",
    packages: "external",
  });
}

await (process.argv.includes("--tests") ? tests() : extension());
