/** The findings as workflow commands of GitHub Actions: each becomes an annotation of its line. */

import { printable } from "../evidence.ts";
import type { SpecReport } from "./report.ts";
import type { SpecFinding } from "./rules.ts";

const commands = { error: "error", warning: "warning", note: "notice" } as const;

export function github({ findings, refusals, notCompared }: SpecReport): string {
  const lines = [
    ...findings.map(annotation),
    ...refusals.map(({ code, file, line, column, interface: name, message, hint }) =>
      command(
        "error",
        { file, line, col: column, title: code },
        `${name === null || message.startsWith(name) ? "" : `${name}: `}${message}${hint === "" ? "" : `. Way out: ${hint}`}`,
      ),
    ),
    ...notCompared.map((text) => command("notice", { title: "not compared" }, text)),
  ];
  return lines.map((line) => `${line}\n`).join("");
}

function annotation({ level, rule, file, line, column, endLine, endColumn, interface: name, message, hint }: SpecFinding): string {
  const columns = line === endLine ? { col: column, endColumn } : {};
  return command(
    commands[level],
    { file, line, endLine, ...columns, title: rule },
    `${name === null ? "" : `${name}: `}${message}${hint === "" ? "" : `. Way out: ${hint}`}`,
  );
}

/** toolkit/docs/commands.md: what a value may not hold is percent-encoded, so that no text from a spec ends the command. */
function command(name: string, properties: Record<string, string | number>, message: string): string {
  const data = (text: string): string => printable(text).replaceAll("%", "%25").replaceAll("\r", "%0D").replaceAll("\n", "%0A");
  const listed = Object.entries(properties).map(([key, value]) => `${key}=${data(String(value)).replaceAll(":", "%3A").replaceAll(",", "%2C")}`);
  return `::${name} ${listed.join(",")}::${data(message)}`;
}
