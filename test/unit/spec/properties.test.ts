/** Any valid document, however it is written: a patch changes the values that it was asked to change, and not another byte. */

import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import { parse, parseAllDocuments } from "yaml";
import { check, cloudHypervisorHost, elsewhere, flintlockHost, patch } from "../../support/spec.ts";

type Type = "tap" | "macvtap";

/** A text whose interfaces' types are holes. */
interface Written {
  text: (types: readonly Type[]) => string;
  types: Type[];
}

const word = fc.stringMatching(/^[a-z][a-z0-9]{0,6}$/);
const odd = fc.oneof(fc.string(), fc.constantFrom("${VAR}", "{{ x }}", "type: macvtap", '"type": 0', "// no", "/* no */", "# no", "\u2028", "é😀", "\\", '"'));
const json: fc.Arbitrary<unknown> = fc.oneof(
  odd,
  fc.double({ noNaN: true, noDefaultInfinity: true }),
  fc.boolean(),
  fc.constant(null),
  fc.array(odd, { maxLength: 3 }),
  fc.dictionary(word, odd, { maxKeys: 3 }),
);

const numbers: Record<Type, string[]> = { tap: ["1", "1.0", "1e0", "10e-1"], macvtap: ["0", "0.0", "-0", "0e9"] };

const hole = (index: number): string => `"@type${index}@"`;

const jsonDocument: fc.Arbitrary<Written> = fc
  .record({
    types: fc.array(fc.constantFrom<Type>("tap", "macvtap"), { minLength: 1, maxLength: 4 }),
    style: fc.constantFrom("number", "name"),
    number: fc.nat(3),
    camel: fc.boolean(),
    indent: fc.constantFrom(0, 1, 2, 4, "\t"),
    wrap: fc.boolean(),
    rest: fc.dictionary(
      word.filter((key) => !["microvm", "kind", "interfaces", "provider"].includes(key)),
      json,
      { maxKeys: 4 },
    ),
    extra: fc.dictionary(
      word.filter((key) => !["type", "address", "overrides"].includes(key)),
      json,
      { maxKeys: 2 },
    ),
    last: fc.boolean(),
    mark: fc.constantFrom("", "\uFEFF"),
    eol: fc.constantFrom("\n", "\r\n"),
    end: fc.constantFrom("", "\n", "\n\n", " "),
    comments: fc.boolean(),
    commas: fc.boolean(),
  })
  .map(({ types, style, number, camel, indent, wrap, rest, extra, last, mark, eol, end, comments, commas }): Written => {
    const interfaces = types.map((_, index) => {
      const [device, type] = [{ [camel ? "deviceId" : "device_id"]: `eth${index + 1}` }, { type: `@type${index}@` }];
      return last ? { ...extra, ...device, ...type } : { ...type, ...device, ...extra };
    });
    const spec = { id: "a", namespace: "ns1", kernel: { image: "k" }, root_volume: { id: "root" }, ...rest, interfaces };
    const plain = JSON.stringify(wrap ? { microvm: spec } : spec, null, indent);
    const trailing = commas ? plain.replaceAll(/(?<![,{[])\n(?=\s*[}\]])/g, ",\n") : plain;
    const commented = comments
      ? trailing
          .replace(/^\{/, "{ // type: 0 {{")
          .replace(/\[\n/, "[ /* , */\n")
          .replace(/^\{ \/\/ type: 0 \{\{(?!\n)/, "{ /* c */")
      : trailing;
    const before = (value: Type, index: number): string =>
      style === "name" ? JSON.stringify(value.toUpperCase()) : (numbers[value][(number + index) % 4] ?? "1");
    return {
      types,
      text: (now) =>
        mark +
        types
          .reduce(
            (text, old, index) =>
              text.replace(hole(index), () =>
                now[index] === old
                  ? before(old, index)
                  : style === "name"
                    ? JSON.stringify((now[index] ?? old).toUpperCase())
                    : now[index] === "tap"
                      ? "1"
                      : "0",
              ),
            commented,
          )
          .replaceAll("\n", eol) +
        end,
    };
  });

const yamlScalar = fc.constantFrom(
  "1",
  "true",
  "'it''s'",
  '"a\\tb"',
  "${VAR}",
  "${VAR:=a: b}",
  "plain text",
  "{{ .Values.x }}",
  "[a, b]",
  "{a: b}",
  "|\n        type: macvtap\n        # no comment",
  "!!str 5",
  "~",
);

const yamlDocument: fc.Arbitrary<Written> = fc
  .record({
    types: fc.array(fc.constantFrom<Type>("tap", "macvtap"), { minLength: 1, maxLength: 4 }),
    quote: fc.constantFrom("", "'", '"'),
    flow: fc.constantFrom("block", "item", "list"),
    template: fc.boolean(),
    comment: fc.constantFrom("", " # type: macvtap", "  #"),
    values: fc.array(yamlScalar, { maxLength: 3 }),
    first: fc.boolean(),
    eol: fc.constantFrom("\n", "\r\n"),
    end: fc.constantFrom("", "\n", "\n\n\n", "\n...\n", "\n---\nkind: Other\nspec: {networkInterfaces: [{guestDeviceName: eth1, type: macvtap}]}\n"),
    before: fc.constantFrom(
      "",
      "---\n",
      "# type: macvtap\n",
      "kind: ConfigMap\ndata:\n  a: |\n    networkInterfaces:\n    \t- type: macvtap\n---\n",
      "%YAML 1.2\n---\n",
    ),
    indentList: fc.boolean(),
    anchors: fc.constantFrom("none", "names", "merges"),
    wrapped: fc.boolean(),
  })
  .map(({ types, quote, flow, template, comment, values, first, eol, end, before, indentList, anchors, wrapped }): Written => {
    const deep = template ? "      " : "  ";
    const list = indentList ? `${deep}  ` : deep;
    const anchor = (index: number): string => (anchors === "none" ? "" : `&t${index} `);
    const merge = anchors === "merges" ? ["<<: *base"] : [];
    const pair = (type: string, index: number): string[] => [`guestDeviceName: eth${index + 1}`, ...merge, `type: ${anchor(index)}${quote}${type}${quote}`];
    const item = (type: string, index: number): string => {
      const pairs = first ? pair(type, index) : pair(type, index).reverse();
      return flow === "block" ? `${list}- ${pairs.join(`${comment}\n${list}  `)}${comment}\n` : `${list}- { ${pairs.join(", ")} }${comment}\n`;
    };
    const body = (now: readonly string[]): string =>
      flow === "list" ? ` [${now.map((type, index) => `{${pair(type, index).join(", ")}}`).join(",\n          ")}]\n` : `\n${now.map(item).join("")}`;
    const head = `apiVersion: infrastructure.cluster.x-k8s.io/v1alpha1\nkind: ${template ? "MicrovmMachineTemplate" : "MicrovmMachine"}\nmetadata:\n  name: "\${CLUSTER_NAME}-md"\nspec:\n${template ? "  template:\n    spec:\n" : ""}`;
    const fields = `${anchors === "merges" ? `${deep}base: &base {mtu: 1500, type: macvtap}\n` : ""}${values.map((value, index) => `${deep}k${index}: ${value}\n`).join("")}`;
    const object = (now: readonly string[]): string => `${head}${fields}${deep}networkInterfaces:${body(now)}`.replace(/\n$/, "");
    const listed = (text: string): string => `apiVersion: v1\nkind: List\nitems:\n- ${text.replaceAll("\n", "\n  ")}`;
    return { types, text: (now) => (before + (wrapped ? listed(object(now)) : object(now)) + end).replaceAll("\n", eol) };
  });

const anyDocument = fc.oneof(fc.tuple(fc.constant("a.json"), jsonDocument), fc.tuple(fc.constant("a.yaml"), yamlDocument));

describe("a patch of types", () => {
  test("changes exactly the types that were asked for", () => {
    fc.assert(
      fc.property(anyDocument, fc.constantFrom<Type>("tap", "macvtap"), fc.nat(5), ([name, document], type, only) => {
        const interfaces = only < document.types.length ? [`eth${only + 1}`] : [];
        const expected = document.types.map((old, index) => (interfaces.length === 0 || index === only ? type : old));
        const text = document.text(document.types);
        const patched = patch(name, text, { type, interfaces });
        expect(patched.report.refusals).toEqual([]);
        expect(patched.text).toBe(document.text(expected));
      }),
      { numRuns: 300 },
    );
  });

  test("twice is once", () => {
    fc.assert(
      fc.property(anyDocument, fc.constantFrom<Type>("tap", "macvtap"), ([name, document], type) => {
        const once = patch(name, document.text(document.types), { type });
        expect(patch(name, once.text, { type }).edits).toEqual([]);
      }),
    );
  });

  test("leaves nothing for a check to find, where the host decides", () => {
    fc.assert(
      fc.property(anyDocument, fc.constantFrom(flintlockHost(), elsewhere, cloudHypervisorHost()), ([name, document], ability) => {
        const patched = patch(name, document.text(document.types), {}, ability);
        const report = check(name, patched.text, ability);
        expect(report.exitCode).toBe(0);
        expect(report.findings.filter(({ level }) => level !== "note")).toEqual([]);
        expect(patch(name, patched.text, {}, ability).edits).toEqual([]);
      }),
    );
  });
});

interface Interface {
  device_id?: string;
  deviceId?: string;
  type?: unknown;
  overrides?: Record<string, unknown>;
}

describe("a patch of bridges", () => {
  test("adds the override and nothing else, to JSON", () => {
    fc.assert(
      fc.property(jsonDocument, fc.constantFrom("br0", "a.b", "null", "1e3"), (document, bridge) => {
        const text = document.text(document.types.map(() => "tap"));
        const patched = patch("a.json", text, { bridge });
        expect(patched.report.changes).toHaveLength(document.types.length);
        expect(withoutInserted(text, patched.text)).toBe(true);
        expect(patch("a.json", patched.text, { bridge }).edits).toEqual([]);
        // Without comments and trailing commas another reader can tell the rest.
        if (/\/[/*]/.test(text.slice(0, 30)) || /,\s*[}\]]/.test(text)) return;
        const [before, after] = [text, patched.text].map((each) => JSON.parse(each.replace("\uFEFF", "")) as Record<string, unknown>);
        const spec = (before?.["microvm"] ?? before) as { interfaces: Interface[] };
        for (const wanted of spec.interfaces) wanted.overrides = { [wanted.deviceId === undefined ? "bridge_name" : "bridgeName"]: bridge };
        expect(after).toEqual(before);
      }),
    );
  });

  test("adds the override and nothing else, to YAML", () => {
    fc.assert(
      fc.property(yamlDocument, fc.constantFrom("br0", "a.b", "null", "1e3"), (document, bridge) => {
        const text = document.text(document.types.map(() => "tap"));
        const patched = patch("a.yaml", text, { bridge });
        expect(patched.report.changes).toHaveLength(document.types.length);
        expect(withoutInserted(text, patched.text)).toBe(true);
        const says = (each: string): unknown => parseAllDocuments(each.replaceAll(/\$\{.*?\}|\{\{.*?\}\}/g, "x")).map((one) => one.toJS() as unknown);
        expect(
          JSON.stringify(says(patched.text))
            .replaceAll(`,"overrides":{"bridgeName":"${bridge}"}`, "")
            .replaceAll(`"overrides":{"bridgeName":"${bridge}"},`, ""),
        ).toBe(JSON.stringify(says(text)));
        expect(patch("a.yaml", patched.text, { bridge }).edits).toEqual([]);
      }),
    );
  });
});

/** Whether the one is the other with text put in: all of it is still there, in order. */
function withoutInserted(before: string, after: string): boolean {
  let at = 0;
  for (const character of after) if (before.startsWith(character, at)) at += character.length;
  return at >= before.length;
}

test("no text makes a check or a patch throw", () => {
  const pieces = fc.constantFrom(
    "kind: MicrovmMachine\n",
    "spec:\n",
    "  networkInterfaces:\n",
    "  - ",
    "guestDeviceName: eth1",
    "\n    type: tap",
    "{",
    "}",
    "[",
    "]",
    "&a ",
    "*a",
    "<<: *a\n",
    '"interfaces": [',
    '{"device_id": "eth1"',
    '"type": ',
    "0",
    ",",
    "${A}",
    "{{ if }}\n",
    "\t",
    "---\n",
    "...\n",
    "# c\n",
    "// c\n",
    "\uFEFF",
    "\r\n",
    "|\n",
    "\u0000",
  );
  fc.assert(
    fc.property(fc.array(pieces, { maxLength: 30 }), fc.constantFrom("a.json", "a.yaml", "-"), (parts, name) => {
      const text = parts.join("");
      check(name, text);
      const once = patch(name, text, { type: "tap", bridge: "br0" }, flintlockHost());
      expect(patch(name, once.text, { type: "tap", bridge: "br0" }, flintlockHost()).edits).toEqual([]);
    }),
    { numRuns: 1000 },
  );
  expect(parse("a: 1")).toEqual({ a: 1 });
});
