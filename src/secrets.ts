/** Secrets as they stand in configuration, unit environments, argument lists, URLs, records and logs, each replaced by asterisks. */

import { maskNamed } from "./secrets/named.ts";
import { mask, maskLines } from "./secrets/text.ts";

/** The words of which each name of a secret holds one, in small letters. */
const names: readonly string[] = [
  ...["token", "password", "passwd", "passphrase", "secret", "psk", "credential"],
  ...["api", "access", "private", "pre-shared", "preshared"].flatMap((kind) => ["", "_", "-"].map((joint) => `${kind}${joint}key`)),
];

type Replacement = string | ((whole: string) => string);

/** Each with what replaces it, and the words, in small letters, of which a text holds one wherever the pattern fits. */
const secrets: readonly [pattern: RegExp, replacement: Replacement, needs: readonly string[]][] = [
  [
    /-----BEGIN [A-Z0-9 ]{0,32}PRIVATE KEY(?: BLOCK)?-----[\s\S]*?(?:-----END [A-Z0-9 ]{0,32}PRIVATE KEY(?: BLOCK)?-----|$)/g,
    (key) => maskLines(key),
    ["-----begin"],
  ],
  // scheme://user:password@host: the last @ before the path ends the credentials
  [/([a-z][a-z0-9+.-]{0,20}:\/\/)[^\s/"@]{1,512}(?:@[^\s/"@]{1,512}){0,4}@/gi, `$1${mask}@`, ["://"]],
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
  // containerd's and Docker's registries: base64 of user and password
  [/((?<![\w.-])(?:\\{0,7}["'])?auth(?:\\{0,7}["'])?[ \t]{0,8}[:=][ \t]{0,8}\\{0,7}["'])(?!\*)[^"'\\\s]+/gi, `$1${mask}`, ["auth"]],
];

const replaced = (text: string, pattern: RegExp, by: Replacement): string => (typeof by === "string" ? text.replace(pattern, by) : text.replace(pattern, by));

/** Most texts hold no such word, and looking for the words is all that they cost. */
export function maskSecrets(text: string): string {
  const small = text.toLowerCase();
  const holds = (words: readonly string[]): boolean => words.some((word) => small.includes(word));
  const masked = secrets.reduce((before, [pattern, replacement, needs]) => (holds(needs) ? replaced(before, pattern, replacement) : before), text);
  return maskMetadata(holds(names) ? maskNamed(masked) : masked);
}

/** The same, every pattern tried: what the words above are held against. */
export function maskSecretsSlowly(text: string): string {
  return maskMetadata(maskNamed(secrets.reduce((masked, [pattern, replacement]) => replaced(masked, pattern, replacement), text)));
}

/** A record's `metadata` is what the guest's cloud-init is told: users, keys, passwords, in base64 (flintlock: core/models/microvm.go). */
function maskMetadata(text: string): string {
  if (!text.includes('"metadata":{')) return text;
  return text.replace(
    /"metadata":\{((?:"(?:[^"\\]|\\.)*":"(?:[^"\\]|\\.)*",?)*)\}/g,
    (_whole, body: string) => `"metadata":{${body.replace(/("(?:[^"\\]|\\.)*":)"(?:[^"\\]|\\.)*"/g, `$1"${mask}"`)}}`,
  );
}
