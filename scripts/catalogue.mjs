// Writes src/catalogue.generated.ts from the files of remediations/: the folder is the registry, and their names are the findings.
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("..", import.meta.url));
const target = `${root}src/catalogue.generated.ts`;
const ids = readdirSync(`${root}remediations`)
  .filter((name) => name.endsWith(".ts"))
  .map((name) => name.slice(0, -3))
  .sort();
const word = (id) => id.replace(/-(\w)/g, (_, letter) => letter.toUpperCase());
const text = `// Made by scripts/catalogue.mjs from remediations/; not edited by hand.
import type { Remediation } from "./remediation.ts";
${ids.map((id) => `import ${word(id)} from "../remediations/${id}.ts";`).join("\n")}

export type FindingId = ${ids.map((id) => `"${id}"`).join(" | ")};

export const catalogue: readonly Remediation[] = [${ids.map(word).join(", ")}];
`;
let old = "";
try {
  old = readFileSync(target, "utf8");
} catch {
  // The first build.
}
if (old !== text) writeFileSync(target, text);
