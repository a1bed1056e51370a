// Every report that a scenario got is held against the schema of the contract.

import { existsSync, readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { Ajv } from "ajv";

export function reportCheck(root) {
  const valid = new Ajv({ allErrors: true }).compile(JSON.parse(readFileSync(join(root, "test/lab/report.schema.json"), "utf8")));
  /** What is wrong with the reports of a scenario; null where nothing is. */
  return (share, scenario) => {
    const folder = join(share, "reports");
    for (const file of existsSync(folder) ? readdirSync(folder).sort() : []) {
      if (!file.startsWith(`${scenario}.`)) continue;
      const { words, status, report } = JSON.parse(readFileSync(join(folder, file), "utf8"));
      if (status === 1 || status === 5 || status === null) continue;
      if (!valid(report))
        return `${file} (fix ${words.join(" ")}): the report is not what the schema says: ${valid.errors.map(({ instancePath, message }) => `${instancePath} ${message}`).join("; ")}`;
    }
    return null;
  };
}
