/**
 * The main command said in plain words: whole option names, each with its value where it takes one. These are read without
 * loading commander, which a run that a timer starts each minute would otherwise spend a tenth of its time on; whatever else
 * there is (a command, an abbreviation, a list, a mistake) is commander's to read, or to explain.
 */

import { fixOptions, type FixOptions } from "./fix-options.ts";
import { mainOptions, type MainOption } from "./main-options.ts";

/** Null: ask commander. Throws the usage error where the words contradict each other. */
export function plainArguments(argv: readonly string[]): { command: "fix"; options: FixOptions } | null {
  const said: Record<string, unknown> = {};
  for (let at = 0; at < argv.length; at += 1) {
    const word = argv[at] ?? "";
    const equals = word.indexOf("=");
    const name = equals === -1 ? word : word.slice(0, equals);
    const option = mainOptions.find(({ flags }) => flags.split(" ")[0] === name);
    if (option === undefined) return null;
    if (option.takes === "nothing") {
      if (equals !== -1) return null;
      const off = name.startsWith("--no-");
      said[camelCase(name.slice(off ? 5 : 2))] = !off;
      continue;
    }
    const value = equals === -1 ? (argv[(at += 1)] ?? "") : word.slice(equals + 1);
    if (!isPlain(option, value)) return null;
    said[camelCase(name.slice(2))] = value;
  }
  return { command: "fix", options: fixOptions(said) };
}

/** What begins with a dash may be the next option, and what may be left out is not told from it here. */
function isPlain({ flags, takes }: MainOption, value: string): boolean {
  if (value === "" || value.startsWith("-") || !flags.endsWith(">")) return false;
  return takes === "text" || (typeof takes !== "string" && takes.includes(value));
}

const camelCase = (name: string): string =>
  name
    .split("-")
    .map((word, index) => (index === 0 ? word : word.charAt(0).toUpperCase() + word.slice(1)))
    .join("");
