/** Secrets as they stand in configuration, unit environments, argument lists, URLs, records and logs, each replaced by asterisks. */

const mask = "********";

/** Names of values that are secrets: flintlock's basic-auth-token, and what people call such things elsewhere. */
const name =
  "[\\w.-]{0,64}(?:token|passw(?:or)?d|passphrase|secret|api[_-]?key|access[_-]?key|private[_-]?key|pre-?shared-?key|psk|credentials?)(?:[_-]?[a-z0-9]{1,16})?";
/** Where a name may begin: not in the middle of a word. The name may be quoted, also inside a quoted text. */
const before = "(?<![\\w.-])";
const quote = `(?:\\\\{0,7}["'])?`;

/** The words of `name`, in small letters. */
const names: readonly string[] = [
  ...["token", "password", "passwd", "passphrase", "secret", "psk", "credential"],
  ...["api", "access", "private", "pre-shared", "preshared"].flatMap((kind) => ["", "_", "-"].map((joint) => `${kind}${joint}key`)),
];

/** Each with what replaces it, and the words, in small letters, of which a text holds one wherever the pattern fits. */
const secrets: readonly [pattern: RegExp, replacement: string, needs: readonly string[]][] = [
  [/-----BEGIN [A-Z0-9 ]{0,32}PRIVATE KEY(?: BLOCK)?-----[\s\S]*?(?:-----END [A-Z0-9 ]{0,32}PRIVATE KEY(?: BLOCK)?-----|$)/g, mask, ["-----begin"]],
  // scheme://user:password@host: the last @ before the path ends the credentials
  [/([a-z][a-z0-9+.-]{0,20}:\/\/)[^\s/"'<>@]{1,512}(?:@[^\s/"'<>@]{1,512}){0,4}@/gi, `$1${mask}@`, ["://"]],
  [
    /(\b(?:proxy-)?authorization(?:\\?["'])?\s{0,8}[:=]\s{0,8}(?:\\?["'])?(?:(?:basic|bearer|token|digest)\s{1,8})?)[^\s"',;\\]+/gi,
    `$1${mask}`,
    ["authorization"],
  ],
  [/(\b(?:basic|bearer)[ \t]{1,8})(?=[A-Za-z0-9+/_.~-]*[0-9+/=_])[A-Za-z0-9+/_=.~-]{8,}/gi, `$1${mask}`, ["basic", "bearer"]],
  // interfaces(5) with wpa_supplicant(8): a keyword and a value
  [/(^[ \t]{0,64}(?:wpa-psk|wireless-key\d?)[ \t]{1,8})[^\r\n]+/gim, `$1${mask}`, ["wpa-psk", "wireless-key"]],
  // JSON web tokens
  [/\beyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{8,}(?:\.[A-Za-z0-9_-]*)?/g, mask, ["eyj"]],
  // A YAML block scalar: its lines are indented deeper than its key
  [
    new RegExp(`(^([ \\t]*)(?:- )?${quote}${name}${quote}[ \\t]*:[ \\t]*[|>][-+0-9]{0,3}[ \\t]*\\r?\\n)(?:(?:\\2[ \\t]+[^\\n]*|[ \\t]*\\r?)(?:\\n|$))+`, "gim"),
    `$1$2  ${mask}\n`,
    names,
  ],
  // "NAME=value with blanks" (systemd.syntax(7)), also with escaped quotes
  [new RegExp(`(${before}\\\\{0,7}"${name}=)(?!["*])(?:[^"\\\\]|\\\\[^"\\\\])+`, "gi"), `$1${mask}`, names],
  [new RegExp(`(${before}'${name}=)(?!['*])[^'\\r\\n]+`, "gi"), `$1${mask}`, names],
  // containerd's and Docker's registries: base64 of user and password
  [/((?<![\w.-])(?:\\{0,7}["'])?auth(?:\\{0,7}["'])?[ \t]{0,8}[:=][ \t]{0,8}\\{0,7}["'])(?!\*)[^"'\\\s]+/gi, `$1${mask}`, ["auth"]],
  // "name": "value", the quotes escaped once, or again for each text that it is quoted in: they end with as many backslashes
  [
    new RegExp(`(${before}${quote}${name}${quote}[ \\t]{0,8}[:=][ \\t]{0,8})(\\\\{1,7})"(?!\\\\{0,7}")(?:[^"]|(?<=\\2\\\\)")*?(?<!\\\\)\\2"`, "gi"),
    `$1$2"${mask}$2"`,
    names,
  ],
  // "name": "value", name='value'
  [new RegExp(`(${before}${quote}${name}${quote}[ \\t]{0,8}[:=][ \\t]{0,8})"(?!")(?:[^"\\\\]|\\\\[\\s\\S])*"`, "gi"), `$1"${mask}"`, names],
  [new RegExp(`(${before}${quote}${name}${quote}[ \\t]{0,8}[:=][ \\t]{0,8})'[^']+'`, "gi"), `$1'${mask}'`, names],
  // name: the rest of the line, as YAML has it
  [new RegExp(`(^[ \\t]*(?:- )?${quote}${name}${quote}[ \\t]{0,8}:[ \\t]+)(?!["'|>*{\\[#])[^\\s#][^\\r\\n]*`, "gim"), `$1${mask}`, names],
  // name: value inside a line
  [new RegExp(`(${before}${quote}${name}${quote}[ \\t]{0,8}:[ \\t]{0,8})(?!["'|>*\\\\{\\[])[^\\s,}\\]"']+`, "gi"), `$1${mask}`, names],
  // NAME=value
  [new RegExp(`(${before}${quote}${name}${quote}=)(?!["'*\\\\])[^\\s\\0"']+`, "gi"), `$1${mask}`, names],
  // --name value; arguments of /proc/PID/cmdline are parted by NUL
  [new RegExp(`((?<![\\w-])--?${name}(?:[ \\t]{1,8}|\\0))(?!["'*-])[^\\s\\0"']+`, "gi"), `$1${mask}`, names],
  [new RegExp(`((?<![\\w-])--?${name}[ \\t]{1,8})("[^"]*"|'[^']*')`, "gi"), `$1"${mask}"`, names],
];

/** Most texts hold no such word, and looking for the words is all that they cost. */
export function maskSecrets(text: string): string {
  const small = text.toLowerCase();
  const named = names.some((word) => small.includes(word));
  const fits = (needs: readonly string[]): boolean => (needs === names ? named : needs.some((word) => small.includes(word)));
  return maskMetadata(secrets.reduce((masked, [pattern, replacement, needs]) => (fits(needs) ? masked.replace(pattern, replacement) : masked), text));
}

/** The same, every pattern tried: what the words above are held against. */
export function maskSecretsSlowly(text: string): string {
  return maskMetadata(secrets.reduce((masked, [pattern, replacement]) => masked.replace(pattern, replacement), text));
}

/** A record's `metadata` is what the guest's cloud-init is told: users, keys, passwords, in base64 (flintlock: core/models/microvm.go). */
function maskMetadata(text: string): string {
  if (!text.includes('"metadata":{')) return text;
  return text.replace(
    /"metadata":\{((?:"(?:[^"\\]|\\.)*":"(?:[^"\\]|\\.)*",?)*)\}/g,
    (_whole, body: string) => `"metadata":{${body.replace(/("(?:[^"\\]|\\.)*":)"(?:[^"\\]|\\.)*"/g, `$1"${mask}"`)}}`,
  );
}
