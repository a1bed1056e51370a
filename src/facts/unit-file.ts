/** Unit files as they are on disk: systemd.syntax(7), systemd.service(5) "COMMAND LINES", systemd.exec(5) "EnvironmentFile=". */

export interface UnitSetting {
  section: string;
  name: string;
  value: string;
  /** `PATH:LINE`, of the line where it begins. */
  where: string;
}

/** A trailing backslash goes on in the next line; comments may stand in between. */
export function parseUnitFile(path: string, text: string): UnitSetting[] {
  const settings: UnitSetting[] = [];
  let section = "";
  let begun: { parts: string[]; line: number } | undefined;
  for (const [index, raw] of text.split(/\r?\n/).entries()) {
    const line = raw.trim();
    if (/^[#;]/.test(line) || (line === "" && !begun)) continue;
    const { parts, line: at } = begun ?? { parts: [], line: index + 1 };
    const goesOn = line.endsWith("\\");
    parts.push(goesOn ? line.slice(0, -1).trimEnd() : line);
    begun = goesOn ? { parts, line: at } : undefined;
    if (goesOn) continue;
    const whole = parts.join(" ");
    const equals = whole.indexOf("=");
    if (whole.startsWith("[") && whole.endsWith("]")) section = whole.slice(1, -1);
    else if (equals > 0) settings.push({ section, name: whole.slice(0, equals).trimEnd(), value: whole.slice(equals + 1).trim(), where: `${path}:${at}` });
  }
  return settings;
}

/** All values of a list setting in force: an empty one clears what stands before it. */
export function listSetting(settings: readonly UnitSetting[], section: string, name: string): UnitSetting[] {
  let list: UnitSetting[] = [];
  for (const setting of settings) {
    if (setting.section !== section || setting.name !== name) continue;
    if (setting.value === "") list = [];
    else list.push(setting);
  }
  return list;
}

const escapes: Record<string, string> = { n: "\n", t: "\t", r: "\r", s: " ", a: "\x07", b: "\b", f: "\f", v: "\v" };

/** Words of a command line or of `Environment=`: quotes group, a backslash escapes (`\s` is a blank). */
export function words(value: string): string[] {
  const found: string[] = [];
  let word: string | undefined;
  let quote = "";
  for (let i = 0; i < value.length; i += 1) {
    const c = value.charAt(i);
    if (c === "\\") {
      i += 1;
      const next = value.charAt(i);
      word = (word ?? "") + (escapes[next] ?? next);
    } else if (quote !== "") {
      if (c === quote) quote = "";
      else word = (word ?? "") + c;
    } else if (c === '"' || c === "'") {
      quote = c;
      word ??= "";
    } else if (c === " " || c === "\t" || c === "\n") {
      if (word !== undefined) found.push(word);
      word = undefined;
    } else word = (word ?? "") + c;
  }
  if (word !== undefined) found.push(word);
  return found;
}

/** `ExecStart=-@/usr/bin/x`: what stands before the path says how to run it, not what. */
export const withoutPrefixes = (argv: readonly string[]): string[] => argv.map((word, index) => (index === 0 ? word.replace(/^[-@:+!|]+/, "") : word));

/** `KEY=VALUE` pairs, later ones first in force. */
export function assignments(pairs: readonly string[]): Map<string, string> {
  const values = new Map<string, string>();
  for (const pair of pairs) {
    const equals = pair.indexOf("=");
    const name = pair.slice(0, Math.max(equals, 0));
    // systemd drops every other name with a warning (env-util.c, env_name_is_valid): with it FLINTLOCKD_BRIDGE-NAME, the one that flintlockd would read.
    if (/^[A-Za-z_][A-Za-z0-9_]*$/.test(name)) values.set(name, pair.slice(equals + 1));
  }
  return values;
}

/** An environment file: one assignment a line, quotes around the value, `#` and `;` comments. */
export function parseEnvironmentFile(path: string, text: string): { name: string; value: string; where: string }[] {
  return text.split(/\r?\n/).flatMap((raw, index) => {
    const line = raw.trim();
    const equals = line.indexOf("=");
    if (equals < 1 || /^[#;]/.test(line)) return [];
    return [
      {
        name: line.slice(0, equals).trimEnd(),
        value: words(`x=${line.slice(equals + 1).trim()}`)
          .join(" ")
          .slice(2),
        where: `${path}:${index + 1}`,
      },
    ];
  });
}

/** `$NAME` as a word of its own becomes as many words as its value has; `${NAME}` inside a word is replaced; `$$` is a dollar. */
export function expand(argv: readonly string[], environment: ReadonlyMap<string, string>): string[] {
  return argv.flatMap((word) => {
    const alone = /^\$([A-Za-z_][A-Za-z0-9_]*)$/.exec(word)?.[1];
    if (alone !== undefined) return words(environment.get(alone) ?? "");
    return [word.replace(/\$\$|\$\{([A-Za-z_][A-Za-z0-9_]*)\}/g, (_, name: string | undefined) => (name === undefined ? "$" : (environment.get(name) ?? "")))];
  });
}
