// Prints how the grammar colours each text of a JSON list on standard input; Python compares that with its own.

import { readFileSync } from "node:fs";
import { grammar, told } from "./colours";

const texts: string[] = JSON.parse(readFileSync(0, "utf8"));
void grammar().then((by) => process.stdout.write(JSON.stringify(texts.map((text) => told(by, text)))));
