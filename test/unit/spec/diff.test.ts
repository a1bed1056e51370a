import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import { unified } from "../../../src/spec/diff.ts";

/** patch(1), for a diff of one file: an independent reader of the format. */
function applied(before: string, diff: string): string {
  const old = before.match(/[^\n]*\n|[^\n]+$/g) ?? [];
  const out: string[] = [];
  let at = 0;
  const lines = (diff.match(/[^\n]*\n/g) ?? []).slice(2);
  lines.forEach((line, index) => {
    const hunk = /^@@ -(\d+)(?:,(\d+))? \+/.exec(line);
    const text = lines[index + 1]?.startsWith("\\ No newline") === true ? line.slice(1, -1) : line.slice(1);
    if (hunk) {
      const from = Number(hunk[1]) - (hunk[2] === "0" ? 0 : 1);
      out.push(...old.slice(at, from));
      at = from;
    } else if (line.startsWith(" ") || line.startsWith("-")) {
      expect(old[at]).toBe(text);
      if (line.startsWith(" ")) out.push(text);
      at += 1;
    } else if (line.startsWith("+")) out.push(text);
  });
  return [...out, ...old.slice(at)].join("");
}

describe("a unified diff", () => {
  test("has a hunk for each place", () => {
    const before = Array.from({ length: 30 }, (_, index) => `line ${index}\n`);
    const after = before.map((line, index) => (index === 3 || index === 20 ? line.toUpperCase() : line));
    expect(unified("a.yaml", before.join(""), after.join(""))).toBe(
      [
        "--- a.yaml",
        "+++ a.yaml",
        "@@ -1,7 +1,7 @@",
        " line 0",
        " line 1",
        " line 2",
        "-line 3",
        "+LINE 3",
        " line 4",
        " line 5",
        " line 6",
        "@@ -18,7 +18,7 @@",
        " line 17",
        " line 18",
        " line 19",
        "-line 20",
        "+LINE 20",
        " line 21",
        " line 22",
        " line 23",
        "",
      ].join("\n"),
    );
  });

  test("turns the one text into the other", () => {
    const lines = fc.array(fc.constantFrom("a", "b", "c", "d\r", "", "\te"), { maxLength: 40 });
    fc.assert(
      fc.property(
        lines,
        fc.array(fc.tuple(fc.nat(40), fc.nat(2), fc.constantFrom("x", "y\r", "a", ""), fc.nat(3)), { maxLength: 5 }),
        fc.boolean(),
        fc.boolean(),
        (before, edits, endBefore, endAfter) => {
          const after: string[] = [...before];
          for (const [at, remove, put, times] of edits) after.splice(at, remove, ...Array.from({ length: times }, () => put));
          const [one, other] = [before.join("\n") + (endBefore ? "\n" : ""), after.join("\n") + (endAfter ? "\n" : "")];
          expect(applied(one, unified("a", one, other))).toBe(other);
        },
      ),
      { numRuns: 500 },
    );
  });

  test("shows no secret and no control character", () => {
    const shown = unified(
      "a\u001b[31m.yaml",
      "basic-auth-token: hunter2hunter2\ntype: macvtap\n\u001b[2Jx: 1\n",
      "basic-auth-token: hunter2hunter2\ntype: tap\n\u001b[2Jx: 1\n",
    );
    expect(shown).not.toMatch(/hunter2|\u001b/);
  });
});
