import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import { maskTemplates } from "../../../src/spec/templates.ts";

describe("templates are masked", () => {
  test.each([
    ["a variable", "replicas: ${COUNT}\n", "replicas: xxxxxxxx\n"],
    ["a default with a colon and slashes", "cidr: [ ${POD:=10.0.0.0/16} ]\n", "cidr: [ xxxxxxxxxxxxxxxxxxx ]\n"],
    ["a default with braces", "a: ${A:=${B}}x\n", "a: xxxxxxxxxxx" + "\n"],
    ["an action as a value", "type: {{ .Values.type }}\n", "type: xxxxxxxxxxxxxxxxxx\n"],
    ["an action in quotes", 'id: "{{ a }}/{{ b }}"\n', 'id: "xxxxxxx/xxxxxxx"\n'],
    ["an action of its own line", "  {{- if .a }}\nb: 1\n", "  #xxx xx xx xx\nb: 1\n".replace("#xxx xx xx xx", "#xx xx xx xx")],
    ["no closing brace", "a: ${B\nc: }\n", "a: ${B\nc: }\n"],
    ["no closing pair", "a: {{ b\n", "a: {{ b\n"],
    ["none", "a: {b: {c: 1}}\n", "a: {b: {c: 1}}\n"],
  ])("%s", (_, text, masked) => {
    const result = maskTemplates(text, "yaml");
    expect(result.text).toHaveLength(text.length);
    expect(result.text.replaceAll(/[x]/g, "x")).toBe(masked);
  });

  test.each([
    ["a bare value", '{"type": ${TYPE}}', '{"type": "xxxxx"}'],
    ["in a string", '{"id": "${ID}-a"}', '{"id": "xxxxx-a"}'],
    ["after an escaped quote", '{"id": "\\"${ID}"}', '{"id": "\\"xxxxx"}'],
    ["a line of its own", '{\n{{ if a }}\n"b": 1\n}', '{\n          \n"b": 1\n}'],
  ])("in JSON: %s", (_, text, masked) => {
    expect(maskTemplates(text, "json").text).toBe(masked);
  });

  test("nothing but templates changes, and line breaks stay", () => {
    fc.assert(
      fc.property(
        fc.array(fc.constantFrom("${A}", "{{ b }}", "{{-", "}}", "a: ", "\n", "  ", "- ", '"', "${", "}", "#", "é", "\r\n")),
        fc.constantFrom("json" as const, "yaml" as const),
        (parts, form) => {
          const text = parts.join("");
          const { text: masked, templates } = maskTemplates(text, form);
          expect(masked).toHaveLength(text.length);
          for (let at = 0; at < text.length; at += 1) {
            if (/[\r\n]/.test(text[at] ?? "") || !templates.some(({ start, end }) => at >= start && at < end)) expect(masked[at]).toBe(text[at]);
          }
        },
      ),
    );
  });
});
