/**
 * What flintlockd makes of a YAML value: gopkg.in/yaml.v3 resolves it, and flintlock sets the flag to fmt.Sprintf("%v") of
 * that (flintlock: pkg/flags/flags.go; yaml.v3: resolve.go).
 */

export interface YamlScalar {
  style: "plain" | "quoted";
  /** Of a plain one as written, of a quoted one its content. */
  text: string;
  /** Explicit tag, such as `!!str` or its long form; empty where none. */
  tag: string;
}

/** Null: the key counts as not set. */
export function goText({ style, text, tag }: YamlScalar): string | null {
  if (style === "quoted" || tag === "!!str" || tag === "tag:yaml.org,2002:str" || tag === "!") return text;
  const word = words.get(text);
  return word === undefined ? (goNumber(text) ?? text) : word;
}

const words: ReadonlyMap<string, string | null> = new Map([
  ...["", "~", "null", "Null", "NULL"].map((word) => [word, null] as const),
  ...["true", "True", "TRUE"].map((word) => [word, "true"] as const),
  ...["false", "False", "FALSE"].map((word) => [word, "false"] as const),
  ...[".inf", ".Inf", ".INF", "+.inf", "+.Inf", "+.INF"].map((word) => [word, "+Inf"] as const),
  ...["-.inf", "-.Inf", "-.INF"].map((word) => [word, "-Inf"] as const),
  ...[".nan", ".NaN", ".NAN"].map((word) => [word, "NaN"] as const),
]);

function goNumber(text: string): string | null {
  if (text.length > 40 || !/^[-+]?[0-9.]/.test(text)) return null;
  const plain = text.replaceAll("_", "");
  const integer = /^([-+]?)(0[xX][0-9a-fA-F]+|0[oO]?[0-7]+|0[bB][01]+|[0-9]+)$/.exec(plain);
  if (integer) {
    const [, sign = "", digits = ""] = integer;
    // Since YAML 1.1 a leading zero means octal; yaml.v3 keeps that. 08 is no octal number, and becomes a float.
    const radixed = /^0[0-7]+$/.test(digits) ? `0o${digits.slice(1)}` : digits.toLowerCase();
    const value = /^0\d*[89]/.test(digits) ? BigInt(digits.replace(/^0+(?=\d)/, "")) : BigInt(radixed);
    return `${sign === "-" && value !== 0n ? "-" : ""}${value.toString()}`;
  }
  if (/^[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?$/.test(plain)) return goFloat(Number(plain));
  return null;
}

/** %v of a float64: as short as it can be, with an exponent of two digits at least from 1e21 on and below 1e-4. */
function goFloat(value: number): string {
  const size = Math.abs(value);
  if (size !== 0 && (size < 1e-4 || size >= 1e21)) return value.toExponential().replace(/e([-+])(\d)$/, "e$10$2");
  return Object.is(value, -0) ? "-0" : String(value);
}

/** How a string is written so that flintlockd reads that very string. `style`: how the old value was written. */
export function yamlText(value: string, style: "plain" | "single" | "double"): string {
  const controls = /[\p{Cc}\u2028\u2029\uFEFF]/u;
  if (style === "single" && !controls.test(value)) return `'${value.replaceAll("'", "''")}'`;
  if (style === "plain" && /^[A-Za-z][A-Za-z0-9_./-]*$/.test(value) && !/^(?:y|n|yes|no|on|off|true|false|null)$/i.test(value)) return value;
  const escaped = value.replace(/["\\]/g, "\\$&").replace(/[\p{Cc}\u2028\u2029\uFEFF]/gu, (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, "0")}`);
  return `"${escaped}"`;
}
