/** The findings as SARIF 2.1.0 (OASIS), for what shows them beside the lines of a pull request. */

import type { SpecReport } from "./report.ts";
import { ruleIds, rules, type SpecFinding } from "./rules.ts";

export function sarif(report: SpecReport, version: string): string {
  const { findings, notCompared, exitCode } = report;
  const run = {
    tool: {
      driver: {
        name: "flintlock-fix",
        semanticVersion: version,
        rules: ruleIds.map((id) => ({ id, shortDescription: { text: rules[id].means }, defaultConfiguration: { level: rules[id].level } })),
      },
    },
    columnKind: "utf16CodeUnits",
    invocations: [
      {
        executionSuccessful: exitCode !== 1,
        exitCode,
        toolExecutionNotifications: notCompared.map((text) => ({ level: "note", message: { text: `not compared: ${text}` } })),
      },
    ],
    results: findings.map(result),
  };
  return `${JSON.stringify({ $schema: "https://json.schemastore.org/sarif-2.1.0.json", version: "2.1.0", runs: [run] }, null, 2)}\n`;
}

function result({ rule, level, file, line, column, endLine, endColumn, message, hint, interface: name, microvm, fixable }: SpecFinding): unknown {
  return {
    ruleId: rule,
    ruleIndex: ruleIds.indexOf(rule),
    level,
    message: { text: `${name === null ? "" : `${name}: `}${message}${hint === "" ? "" : `. Way out: ${hint}`}` },
    locations: [{ physicalLocation: { artifactLocation: { uri: uriOf(file) }, region: { startLine: line, startColumn: column, endLine, endColumn } } }],
    properties: { microvm, interface: name, fixable },
  };
}

/** RFC 3986: a relative reference stays one, so that it is found in the repository that was checked. */
function uriOf(file: string): string {
  const path = file === "-" ? "stdin" : file.replace(/^(?:\.\/)+/, "");
  const encoded = path
    .replaceAll(/[\uD800-\uDFFF]/gu, "\uFFFD")
    .split("/")
    .map((part) => encodeURIComponent(part))
    .join("/");
  return path.startsWith("/") ? `file://${encoded}` : encoded;
}
