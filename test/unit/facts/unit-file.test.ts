import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import { assignments, expand, listSetting, parseEnvironmentFile, parseUnitFile, withoutPrefixes, words } from "../../../src/facts/unit-file.ts";

const dropIn = `# a comment
[Unit]
After=x.service

[Service]
ExecStart=
ExecStart=-/usr/local/bin/flintlockd run \\
  # in between
  --bridge-name br0 \\
  --parent-iface "eth 0"
Environment="A=b c" D=e
`;

describe("a unit file", () => {
  const settings = parseUnitFile("/d.conf", dropIn);

  test("goes on over a backslash, and says where each setting begins", () => {
    expect(settings.map(({ name, where }) => [name, where])).toEqual([
      ["After", "/d.conf:3"],
      ["ExecStart", "/d.conf:6"],
      ["ExecStart", "/d.conf:7"],
      ["Environment", "/d.conf:11"],
    ]);
  });

  test("an empty value clears the list", () => {
    const fragment = parseUnitFile("/f", "[Service]\nExecStart=/bin/old\n");
    expect(listSetting([...fragment, ...settings], "Service", "ExecStart").map(({ where }) => where)).toEqual(["/d.conf:7"]);
  });

  test("words are as systemd takes them", () => {
    expect(withoutPrefixes(words(settings[2]?.value ?? ""))).toEqual(["/usr/local/bin/flintlockd", "run", "--bridge-name", "br0", "--parent-iface", "eth 0"]);
    expect(words(`a'b c'd "" \\x e\\sf`)).toEqual(["ab cd", "", "x", "e f"]);
  });
});

test("variables are replaced as systemd.service(5) says", () => {
  const environment = new Map([
    ["OPTS", "--a 'b c'"],
    ["X", "1 2"],
  ]);
  expect(expand(["run", "$OPTS", "--x=${X}", "$NONE", "a$$b", "$"], environment)).toEqual(["run", "--a", "b c", "--x=1 2", "a$b", "$"]);
});

test("a name that systemd would not pass on is left out", () => {
  expect([...assignments(["A=1", "FLINTLOCKD_BRIDGE-NAME=x", "A=2", "=", "B"])]).toEqual([["A", "2"]]);
});

test("an environment file has comments, quotes and lines", () => {
  expect(parseEnvironmentFile("/e", '# c\nA=1\n\nB = "x y"\n;d\nC\n')).toEqual([
    { name: "A", value: "1", where: "/e:2" },
    { name: "B", value: "x y", where: "/e:4" },
  ]);
});

test("no text makes any of it throw", () => {
  fc.assert(
    fc.property(fc.string({ unit: fc.constantFrom("a", "=", "\\", "\n", '"', "'", "[", "]", " ", "$", "{", "}", "#") }), (text) => {
      const parsed = parseUnitFile("/x", text);
      expand(words(text), assignments(words(text)));
      parseEnvironmentFile("/x", text);
      expect(parsed.every(({ where }) => where.startsWith("/x:"))).toBe(true);
    }),
  );
});
