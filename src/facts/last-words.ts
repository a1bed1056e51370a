/** What a daemon, and systemd about it, said last: entries of `journalctl --output=json` (systemd.journal-fields(7)). */

export interface JournalLine {
  /** Microseconds since the epoch. */
  realtimeUs: number;
  /** systemd's own line about the unit, not the unit's. */
  fromSystemd: boolean;
  message: string;
}

/** Lines that are no JSON object with a message are left out. */
export function parseJournal(text: string): JournalLine[] {
  return text.split("\n").flatMap((line) => {
    if (!line.startsWith("{")) return [];
    let entry: unknown;
    try {
      entry = JSON.parse(line);
    } catch {
      return [];
    }
    if (typeof entry !== "object" || entry === null) return [];
    const fields = new Map<string, unknown>(Object.entries(entry));
    const message = messageOf(fields.get("MESSAGE"));
    if (message === null) return [];
    const fromSystemd = fields.get("SYSLOG_IDENTIFIER") === "systemd" && fields.get("_SYSTEMD_UNIT") === "init.scope";
    const time = fields.get("__REALTIME_TIMESTAMP");
    return [{ realtimeUs: typeof time === "string" && /^\d{1,16}$/.test(time) ? Number(time) : 0, fromSystemd, message }];
  });
}

/** A message with bytes that are no UTF-8 comes as a list of numbers. */
function messageOf(value: unknown): string | null {
  if (typeof value === "string") return value;
  if (!Array.isArray(value)) return null;
  return String.fromCharCode(...value.slice(0, 10_000).map((byte) => (typeof byte === "number" ? byte & 0xff : 0x3f)));
}

/** logrus, as text or JSON: level and message, with its `error` field; null for another line. */
export function logrus(line: string): { level: string; message: string } | null {
  if (line.startsWith("{")) return logrusJson(line);
  const level = /(?:^|\s)level=([a-z]+)(?=\s)/.exec(line)?.[1];
  if (level === undefined) return null;
  const message = field(line, "msg") ?? "";
  const error = field(line, "error");
  return { level, message: error === null || error === "<nil>" ? message : `${message}: ${error}` };
}

function logrusJson(line: string): { level: string; message: string } | null {
  try {
    const entry: unknown = JSON.parse(line);
    if (typeof entry !== "object" || entry === null || !("level" in entry) || !("msg" in entry)) return null;
    return { level: String(entry.level), message: String(entry.msg) };
  } catch {
    return null;
  }
}

function field(line: string, name: string): string | null {
  const at = line.indexOf(` ${name}=`);
  if (at === -1) return null;
  const rest = line.slice(at + name.length + 2);
  if (!rest.startsWith('"')) return /^\S*/.exec(rest)?.[0] ?? null;
  const quoted = /^"([^"\\]*(?:\\.[^"\\]*)*)"/s.exec(rest)?.[1];
  return quoted === undefined ? null : quoted.replace(/\\(.)/gs, (_, c: string) => (c === "n" ? "\n" : c));
}

/** The line that says why it ended: newest first of cobra's or Go's own words, a fatal log line, an error, systemd's own. */
export function lastWords(lines: readonly JournalLine[]): { message: string; realtimeUs: number } | null {
  const newest = [...lastRun(lines)].reverse();
  for (const telling of [isWords, isFatal, isError, isSystemds]) {
    const found = newest.find(telling);
    if (found) return { message: logrus(found.message)?.message ?? found.message, realtimeUs: found.realtimeUs };
  }
  return null;
}

/** What belongs to the newest start that ended: systemd's own lines frame it, though a little out of order. */
function lastRun(lines: readonly JournalLine[]): readonly JournalLine[] {
  const end = lines.findLastIndex(({ fromSystemd, message }) => fromSystemd && /process exited|Failed with result/.test(message));
  if (end === -1) return lines;
  const begin = lines.slice(0, end).findLastIndex(({ fromSystemd, message }) => fromSystemd && /^Starting |Scheduled restart job/.test(message));
  return lines.slice(Math.max(begin, 0));
}

const isWords = ({ message, fromSystemd }: JournalLine): boolean =>
  !fromSystemd && /^(?:Error: |panic: |fatal error: |containerd: |flintlockd: )/.test(message);
const isFatal = ({ message, fromSystemd }: JournalLine): boolean => !fromSystemd && /^(?:fatal|panic)$/.test(logrus(message)?.level ?? "");
/** `failed to load cni` is said at each healthy start of containerd. */
const isError = ({ message, fromSystemd }: JournalLine): boolean =>
  !fromSystemd &&
  logrus(message)?.level === "error" &&
  !/failed to load cni during init|error from event service|error from containerd event service/.test(message);
const isSystemds = ({ message, fromSystemd }: JournalLine): boolean =>
  fromSystemd &&
  /Failed to (?:locate executable|execute|load|set up|spawn)|Failed at step|(?:Main|Control) process exited|Start request repeated too quickly|Dependency failed|timed out/i.test(
    message,
  );
