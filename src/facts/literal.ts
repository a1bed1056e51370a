/** The letters that a regular expression cannot fit without. */

/**
 * The longest run of letters and blanks that stands in every match of the pattern, in small letters; empty where there is none
 * to be sure of. Outside of groups and classes only: what is in one may be an alternative, or a look at what is not there.
 */
export function literalOf({ source, flags }: RegExp): string {
  // With the u or v flag, letters that are not ASCII fold to some that are (ECMA-262, Canonicalize).
  if (/[uv]/.test(flags)) return "";
  let best = "";
  let run = "";
  let depth = 0;
  let inClass = false;
  const end = (): void => {
    if (run.length > best.length) best = run;
    run = "";
  };
  for (let at = 0; at < source.length; at += 1) {
    const character = source.charAt(at);
    if (character === "\\") {
      end();
      at += 1;
    } else if (inClass) inClass = character !== "]";
    else if (character === "[") {
      end();
      inClass = true;
    } else if (character === "(") {
      end();
      depth += 1;
    } else if (character === ")") depth -= 1;
    else if (depth > 0) continue;
    else if (character === "|") return "";
    else if ("?*+{".includes(character)) {
      // The letter before may come any number of times, or not at all.
      run = run.slice(0, -1);
      end();
      if (character === "{") at = source.indexOf("}", at);
    } else if (isLetterOrBlank(character)) run += character;
    else end();
  }
  end();
  return best.toLowerCase();
}

const isLetterOrBlank = (character: string): boolean => character === " " || (character >= "a" && character <= "z") || (character >= "A" && character <= "Z");
