/**
 * One line of flintlockd's or containerd's log, unquoted: logrus text (`time="…" level=error msg="…" key=value`) or, with
 * `log-format: json`, one JSON object (sirupsen/logrus: text_formatter.go, json_formatter.go). A value that holds quotes
 * of its own has them escaped, so what is inside one is never taken for a field. Linear time.
 */

export type LogLevel = "error" | "warning" | "info" | "debug" | "none";

export interface LogLine {
  /** `none`: the line has no level of its own (cobra's, the Go log package's, a panic's). */
  level: LogLevel;
  /** The process ends with this line: `fatal` or `panic`, which are errors, too (logrus: entry.go). */
  ends: boolean;
  msg: string;
  /** The field `error`; null where there is none. */
  error: string | null;
  /** The field `id`: with it containerd 2 names the plugin that a line is about; null where there is none. */
  id: string | null;
}

/** journald cuts a line at 48 KiB (LineMax=, journald.conf(5)); what a file holds beyond this is no daemon's word. */
export const longest = 65_536;

const levels: Readonly<Record<string, LogLevel>> = {
  panic: "error",
  fatal: "error",
  error: "error",
  warning: "warning",
  warn: "warning",
  info: "info",
  debug: "debug",
  trace: "debug",
};

const ending: readonly string[] = ["fatal", "panic"];

/** What the line says, with its cause. */
export function sayingOf({ msg, error }: LogLine): string {
  return error === null || error === "<nil>" ? msg : `${msg}: ${error}`;
}

export function parseLogLine(line: string): LogLine {
  if (line.startsWith("time=") || line.startsWith("level=")) return textLine(line) ?? plain(line);
  if (line.startsWith("{")) return jsonLine(line) ?? plain(line);
  return plain(line);
}

const levelOf = (word: string | null | undefined): Pick<LogLine, "level" | "ends"> => ({
  level: levels[word ?? ""] ?? "none",
  ends: ending.includes(word ?? ""),
});

const plain = (line: string): LogLine => ({ level: "none", ends: false, msg: line, error: null, id: null });

/** Null where it is no logrus line after all. */
function textLine(line: string): LogLine | null {
  const found: { level?: string; msg?: string; error?: string; id?: string } = {};
  let at = 0;
  while (at < line.length) {
    const equals = line.indexOf("=", at);
    if (equals === -1) break;
    const key = line.slice(at, equals);
    const quoted = line[equals + 1] === '"';
    const end = quoted ? closingQuote(line, equals + 2) : nextBlank(line, equals + 1);
    if (key === "level" || key === "msg" || key === "error" || key === "id")
      found[key] ??= quoted
        ? unquoted(line.slice(equals + 2, Math.min(end, equals + 2 + longest)))
        : line.slice(equals + 1, Math.min(end, equals + 1 + longest));
    // What comes after `msg` are fields in the order of their names.
    if (found.msg !== undefined && key >= "id" && key !== "msg") break;
    at = end + (quoted ? 2 : 1);
  }
  if (found.msg === undefined) return null;
  return { ...levelOf(found.level), msg: found.msg, error: found.error ?? null, id: found.id ?? null };
}

/** The index of the quote that ends the value, or the end of a line that was cut off inside it. */
function closingQuote(line: string, from: number): number {
  for (let at = from; ; at += 1) {
    const quote = line.indexOf('"', at);
    if (quote === -1) return line.length;
    let backslashes = 0;
    while (line[quote - 1 - backslashes] === "\\" && quote - 1 - backslashes >= from) backslashes += 1;
    if (backslashes % 2 === 0) return quote;
    at = quote;
  }
}

function nextBlank(line: string, from: number): number {
  const blank = line.indexOf(" ", from);
  return blank === -1 ? line.length : blank;
}

const escapes: Readonly<Record<string, string>> = { a: "\u0007", b: "\b", f: "\f", n: "\n", r: "\r", t: "\t", v: "\v" };

/** Go's %q, undone (strconv.Quote). */
export function unquoted(text: string): string {
  if (!text.includes("\\")) return text;
  return text.replace(
    /\\(?:x([0-9a-fA-F]{2})|u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8})|([\s\S]))/g,
    (_whole, byte?: string, short?: string, long?: string, single?: string) => {
      const code = parseInt(byte ?? short ?? long ?? "", 16);
      if (!Number.isNaN(code)) return code <= 0x10ffff ? String.fromCodePoint(code) : "\uFFFD";
      return escapes[single ?? ""] ?? single ?? "";
    },
  );
}

function jsonLine(line: string): LogLine | null {
  // An error costs a hundred times as much as a look.
  if (!/\}\s{0,8}$/.test(line.slice(-9))) return null;
  try {
    const value: unknown = JSON.parse(line);
    if (typeof value !== "object" || value === null || !("msg" in value) || typeof value.msg !== "string") return null;
    const text = (field: unknown): string | null => (typeof field === "string" ? field : null);
    return {
      ...levelOf("level" in value ? text(value.level) : null),
      msg: value.msg,
      error: "error" in value ? text(value.error) : null,
      id: "id" in value ? text(value.id) : null,
    };
  } catch {
    return null;
  }
}
