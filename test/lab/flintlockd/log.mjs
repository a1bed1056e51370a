// logrus: text or JSON lines, fields in alphabetical order, to stderr or a file (log-output).

import { appendFileSync, writeSync } from "node:fs";

const settings = { format: "text", output: "stderr" };

export const logTo = (format, output) => Object.assign(settings, { format, output });

const quoted = (value) => (/^[\w\-./@^+]+$/.test(value) ? value : JSON.stringify(value));

function line(level, msg, fields) {
  const time = new Date().toISOString().replace(/\.\d+/, "");
  const sorted = Object.entries(fields).sort(([a], [b]) => (a < b ? -1 : 1));
  if (settings.format === "json") return JSON.stringify(Object.fromEntries([...sorted, ["level", level], ["msg", msg], ["time", time]]));
  return [`time="${time}"`, `level=${level}`, `msg=${quoted(msg)}`, ...sorted.map(([key, value]) => `${key}=${quoted(String(value))}`)].join(" ");
}

export function log(level, msg, fields = {}) {
  const text = `${line(level, msg, fields)}\n`;
  if (settings.output === "stderr" || settings.output === "stdout") writeSync(settings.output === "stderr" ? 2 : 1, text);
  else appendFileSync(settings.output, text);
}
