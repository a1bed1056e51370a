import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import { unifiedDiff } from "../../../src/facts/diff.ts";

describe("a unified diff", () => {
  test("of one line, with two of context", () => {
    expect(unifiedDiff("/c", "a\nb\nc\nold\nd\ne\nf\n", "a\nb\nc\nnew\nd\ne\nf\n")).toBe("--- /c\n+++ /c\n@@ -2,5 +2,5 @@\n b\n c\n-old\n+new\n d\n e\n");
  });

  test("of a line at the end", () => {
    expect(unifiedDiff("/c", "a\n", "a\nb\n")).toBe("--- /c\n+++ /c\n@@ -1 +1,2 @@\n a\n+b\n");
  });

  test("of a file that did not end with a line break", () => {
    expect(unifiedDiff("/c", "a", "a\nb")).toBe("--- /c\n+++ /c\n@@ -1 +1,2 @@\n-a\n\\ No newline at end of file\n+a\n+b\n\\ No newline at end of file\n");
  });

  test("of a new file", () => {
    expect(unifiedDiff("/c", "", "a\n")).toBe("--- /dev/null\n+++ /c\n@@ -0,0 +1 @@\n+a\n");
  });

  test("of the same text is empty", () => {
    expect(unifiedDiff("/c", "a\n", "a\n")).toBe("");
  });
});

describe("secrets", () => {
  test.each([
    ["a plain value", "basic-auth-token: s3cret\nb: 1\n"],
    ["a quoted one", "basic-auth-token: 's3cret' # s3cret\nb: 1\n"],
    ["a block of text", "basic-auth-token: |\n  s3cret\n\n  s3cret\nb: 1\n"],
    ["a value on the next line", "basic-auth-token:\n  s3cret\nb: 1\n"],
    ["a flow mapping", "{a: 1, basic-auth-token: s3cret, b: 1}\n"],
    ["another name", "Some_Password: s3cret\nb: 1\n"],
    ["credentials in a URL", "proxy: http://me:s3cret@proxy:80/\nb: 1\n"],
    ["with CRLF", "basic-auth-token: s3cret\r\nb: 1\r\n"],
  ])("in %s stay hidden", (_, text) => {
    const diff = unifiedDiff("/c", text, `${text}c: 2\n`);
    expect(diff).not.toContain("s3cret");
    expect(diff).toContain("********");
    expect(diff).toContain("+c: 2");
    expect(unifiedDiff("/c", `${text}c: 2\n`, text)).not.toContain("s3cret");
  });

  test("anywhere in any file stay hidden", () => {
    const filler = fc.array(fc.constantFrom("a: 1", "b: 2", "# note", "", "c:", "  d: 3"), { maxLength: 6 });
    fc.assert(
      fc.property(
        filler,
        filler,
        fc.constantFrom("basic-auth-token: s3cret", "  my-token: 's3cret", "basic-auth-token: >-\n  s3cret\n  s3cret"),
        (head, tail, secret) => {
          const before = [...head, secret, ...tail].join("\n");
          expect(unifiedDiff("/c", before, `${before}\nbridge-name: br0\n`)).not.toContain("s3cret");
          expect(unifiedDiff("/c", before, `bridge-name: br0\n${before}`)).not.toContain("s3cret");
        },
      ),
    );
  });
});
