/** What others wrote, made fit to be shown: log lines, names and files are data, never a control sequence and never a secret. */

import type { Evidence } from "./report.ts";

const maxExcerpt = 600;

/**
 * C0 and C1 controls, DEL, the bidi controls, zero-width and line-separating characters, unpaired surrogates and U+FFFD:
 * all that could move a cursor, hide or reorder text (Unicode UAX #9, TR 36). A line feed stays.
 */
const unprintable = /[\u0000-\u0009\u000B-\u001F\u007F-\u009F\u00AD\u061C\u200B-\u200F\u2028-\u202E\u2060-\u206F\uFEFF\uFFF9-\uFFFB]|[\uD800-\uDBFF](?![\uDC00-\uDFFF])|(?<![\uD800-\uDBFF])[\uDC00-\uDFFF]/g;

/** Safe to print: each unprintable character as `\u{hex}`; cut to `max` characters with a mark. */
export function printable(text: string, max = 4_000): string {
  const cut = text.length > max ? `${text.slice(0, max)}…` : text;
  return cut.replaceAll(unprintable, (character) => (character === "\t" ? " " : `\\u{${character.charCodeAt(0).toString(16)}}`));
}

const mask = "********";

/** Names of values that are secrets: flintlock's basic-auth-token, and what people call such things elsewhere. */
const secretName = "(?:[\\w-]*(?:basic-auth-token|password|passwd|secret|token|api[_-]?key|private[_-]?key|credentials?))";

const secrets: readonly [RegExp, string][] = [
  [/-----BEGIN [A-Z0-9 ]*PRIVATE KEY-----[\s\S]*?(?:-----END [A-Z0-9 ]*PRIVATE KEY-----|$)/g, mask],
  // scheme://user:password@host
  [/([a-z][a-z0-9+.-]{0,20}:\/\/)[^\s/@"'<>]{1,512}@/gi, `$1${mask}@`],
  [/(\bauthorization["']?\s*[:=]\s*["']?(?:basic|bearer)?\s*)[^\s"',;]+/gi, `$1${mask}`],
  [/(\b(?:basic|bearer)\s+)[A-Za-z0-9+/_=.-]{8,}/gi, `$1${mask}`],
  // JSON and YAML with a quoted value
  [new RegExp(`((?:^|[\\s"'{,-])${secretName}["']?[ \\t]*[:=][ \\t]*)("(?:[^"\\\\\\n]|\\\\.)*"|'[^'\\n]*')`, "gim"), `$1"${mask}"`],
  // key: value and key=value up to white space, or the next field; `--flag value` too
  [new RegExp(`((?:^|[\\s"'{,-])${secretName}["']?(?:[ \\t]*[:=][ \\t]*|[ \\t]+(?=[^\\s:=-])))(?!["'*])[^\\s,}"'#]+`, "gim"), `$1${mask}`],
];

/** Secrets as they stand in configuration, unit environments, argument lists, URLs and logs, each replaced by asterisks. */
export function maskSecrets(text: string): string {
  return secrets.reduce((masked, [pattern, replacement]) => masked.replace(pattern, replacement), text);
}

export function evidence({ source, ref, at, excerpt }: Evidence): Evidence {
  return { source, ref: printable(maskSecrets(ref), 1_000), at: at === "" ? null : at, excerpt: printable(maskSecrets(excerpt.trim()), maxExcerpt) };
}

/** argv as one line. */
export function refOf(argv: readonly string[]): string {
  return argv.join(" ");
}
