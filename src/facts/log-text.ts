/**
 * Lines of a log in any of the forms that people save it in: `journalctl -o json` (also json-pretty, json-sse, json-seq),
 * `-o export`, the short forms, plain text, flintlockd's own text or JSON. The form is told line by line.
 */

import { entryOf, isFields, type Fields } from "./journal.ts";
import { unitOf, withoutPrefix, type Said } from "./log-prefix.ts";

export interface LogTextLine extends Said {
  /** From 1; of an entry of several lines, where its message stands, or where it begins (json-pretty). */
  line: number;
}

export interface LogText {
  /** Lines of the file. */
  lines: number;
  entries: LogTextLine[];
}

export function parseLogText(bytes: Uint8Array): LogText {
  return isExport(bytes) ? parseExport(bytes) : parseLines(bytes);
}

const decoder = new TextDecoder("utf-8", { fatal: false });
const linefeed = 0x0a;

/** Decoded piece by piece: a string holds half a GiB at most. */
const pieceBytes = 16 * 1024 * 1024;

function parseLines(bytes: Uint8Array): LogText {
  const reader = new LineReader();
  for (let at = 0; at < bytes.length;) {
    const enough = at + pieceBytes;
    const end = enough >= bytes.length ? -1 : bytes.indexOf(linefeed, enough);
    const next = end === -1 ? bytes.length : end + 1;
    // A single line may be longer than any string: its beginning is all that is looked at.
    reader.read(decoder.decode(bytes.subarray(at, Math.min(next, at + 4 * pieceBytes))));
    at = next;
  }
  return reader.end();
}

/** Line by line; a JSON object that is spread over lines (json-pretty) is put together again. */
class LineReader {
  private readonly entries: LogTextLine[] = [];
  private line = 0;
  private pretty: { from: number; lines: string[] } | null = null;

  read(text: string): void {
    const next = { error: new Finder(text, "level=error"), text: new Finder(text, 'time="'), json: new Finder(text, 'time=\\"') };
    for (let at = 0; at < text.length;) {
      const end = text.indexOf("\n", at);
      const stop = end === -1 ? text.length : end;
      this.line += 1;
      if (this.pretty !== null || !isOnlyInfo(text, at, stop, next)) this.take(text.slice(at, text[stop - 1] === "\r" ? stop - 1 : stop));
      at = stop + 1;
    }
  }

  end(): LogText {
    this.giveUpPretty();
    return { lines: this.line, entries: this.entries };
  }

  private take(one: string): void {
    const { pretty, line, entries } = this;
    if (pretty && one !== "{") {
      pretty.lines.push(one);
      if (one !== "}" && pretty.lines.length < mostPrettyLines) return;
      const fields = one === "}" ? fieldsOf(pretty.lines.join("\n")) : null;
      if (!fields) this.giveUpPretty();
      else entries.push(entryLine(pretty.from, fields));
      this.pretty = null;
    } else if (one === "{") {
      // A value that is spread over lines is a list of numbers: what was begun before is no entry.
      this.giveUpPretty();
      this.pretty = { from: line, lines: [one] };
    } else if (one.trim() !== "") entries.push(textLine(line, one));
  }

  private giveUpPretty(): void {
    const { pretty } = this;
    this.pretty = null;
    if (pretty) for (const [index, inner] of pretty.lines.entries()) this.entries.push(textLine(pretty.from + index, inner));
  }
}

/**
 * Nine lines of ten: logrus at level info, told without taking it apart. Its level stands right behind its time, before
 * anything that others could have written; a line that also speaks of another level is looked at.
 */
function isOnlyInfo(text: string, from: number, to: number, next: Record<"error" | "text" | "json", Finder>): boolean {
  const json = text[from] === "{";
  const time = (json ? next.json : next.text).after(from);
  if (time >= to) return false;
  if (json ? !text.startsWith('"MESSAGE":"', time - 11) : time - from > mostPrefix) return false;
  const level = text.slice(time, time + mostTime).indexOf(" level=");
  return level !== -1 && text.startsWith("info ", time + level + 7) && next.error.after(time) >= to;
}

/** `time="2026-11-24T21:18:52.123456789+01:00" level=` */
const mostTime = 56;
/** `Nov 24 21:18:52.123456 HOST flintlockd[12345]: `, with a host name of 253 characters. */
const mostPrefix = 320;

/** Where a word stands next; what was found is remembered, so that a whole text is searched once. */
class Finder {
  private found = -2;

  constructor(
    private readonly text: string,
    private readonly word: string,
  ) {}

  /** Past the end where it does not come again. */
  after(at: number): number {
    if (this.found < at) {
      const next = this.text.indexOf(this.word, at);
      this.found = next === -1 ? Infinity : next;
    }
    return this.found;
  }
}

/** An entry has some dozens of fields, one a line. */
const mostPrettyLines = 400;

function textLine(line: number, text: string): LogTextLine {
  const begin = jsonBegin(text);
  const fields = begin === -1 ? null : fieldsOf(text.slice(begin));
  if (fields && ("MESSAGE" in fields || "__REALTIME_TIMESTAMP" in fields)) return entryLine(line, fields);
  // Docker's json-file.
  if (fields && typeof fields["log"] === "string" && "stream" in fields) return { line, ...withoutPrefix(fields["log"].trimEnd()) };
  return { line, ...withoutPrefix(text) };
}

/** A record separator (json-seq) or `data: ` (json-sse) may come first. */
function jsonBegin(text: string): number {
  if (text.startsWith("{")) return 0;
  if (text.startsWith("\u001e{")) return 1;
  return text.startsWith("data: {") ? 6 : -1;
}

function fieldsOf(text: string): Fields | null {
  // An error costs a hundred times as much as a look.
  if (!/\}\s{0,8}$/.test(text.slice(-9))) return null;
  try {
    const value: unknown = JSON.parse(text);
    return isFields(value) ? value : null;
  } catch {
    return null;
  }
}

function entryLine(line: number, fields: Fields): LogTextLine {
  const { message, systemdUnit, identifier, transport } = entryOf(fields);
  const trusted = systemdUnit !== "" || transport !== "" || "_PID" in fields || "_UID" in fields;
  // Without one trusted field (--output-fields=MESSAGE) there is only what the sender said of itself.
  const named = trusted ? (transport === "" || transport === "stdout" ? unitOf(systemdUnit) : "other") : identifier === "" ? null : unitOf(identifier);
  return { line, unit: named, message };
}

/** systemd's Journal Export Format: FIELD=value, or FIELD, a length of 8 bytes, the bytes; an entry ends with an empty line. */
function isExport(bytes: Uint8Array): boolean {
  const begin = decoder.decode(bytes.subarray(0, 64));
  return /^(?:__CURSOR|__REALTIME_TIMESTAMP|_BOOT_ID|MESSAGE)=/.test(begin);
}

function parseExport(bytes: Uint8Array): LogText {
  const entries: LogTextLine[] = [];
  let fields: Record<string, string> = {};
  let messageLine = 0;
  let line = 0;
  const finish = (): void => {
    if (messageLine > 0) entries.push(entryLine(messageLine, fields));
    fields = {};
    messageLine = 0;
  };
  for (let at = 0; at < bytes.length;) {
    const end = bytes.indexOf(linefeed, at);
    const stop = end === -1 ? bytes.length : end;
    const text = bytes.subarray(at, stop);
    at = stop + 1;
    line += 1;
    if (text.length === 0) {
      finish();
      continue;
    }
    const equals = text.indexOf(0x3d);
    const name = decoder.decode(equals === -1 ? text.subarray(0, 64) : text.subarray(0, Math.min(equals, 64)));
    if (name === "MESSAGE" && messageLine === 0) messageLine = line;
    if (equals !== -1) {
      if (keptFields.has(name)) fields[name] ??= decoder.decode(text.subarray(equals + 1));
      continue;
    }
    const size = sizeAt(bytes, at);
    if (size === null) continue;
    const value = bytes.subarray(at + 8, at + 8 + size);
    if (keptFields.has(name)) fields[name] ??= decoder.decode(value);
    line += countLines(bytes.subarray(at, at + 8)) + countLines(value);
    // The value ends with a line feed of its own.
    at += 8 + size + 1;
  }
  finish();
  return { lines: line, entries };
}

const keptFields = new Set(["MESSAGE", "_SYSTEMD_UNIT", "_TRANSPORT", "_UID", "_PID", "SYSLOG_IDENTIFIER"]);

/** 64 bits, little endian; null where the file does not go on that far. */
function sizeAt(bytes: Uint8Array, at: number): number | null {
  if (at + 8 > bytes.length) return null;
  let size = 0;
  for (let index = 7; index >= 0; index -= 1) size = size * 256 + (bytes[at + index] ?? 0);
  return size <= bytes.length - at - 8 ? size : null;
}

function countLines(bytes: Uint8Array): number {
  let count = 0;
  for (let at = bytes.indexOf(linefeed); at !== -1; at = bytes.indexOf(linefeed, at + 1)) count += 1;
  return count;
}
