/** However a secret is written down, it is masked, and what is not secret says the same as before. */

import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import { parseMapping } from "../../src/facts/mapping.ts";
import { parseEnvironmentFile, parseUnitFile, words } from "../../src/facts/unit-file.ts";
import { parseUnits } from "../../src/facts/unit.ts";
import { maskSecrets } from "../../src/secrets.ts";

/** Part of every piece of a planted secret. */
const planted = "hunTer2";

const lines = (text: string): number => text.split("\n").length;
const stringOf = (characters: string): fc.Arbitrary<string> =>
  fc.array(fc.nat({ max: characters.length - 1 }), { maxLength: 4 }).map((places) => places.map((place) => characters.charAt(place)).join(""));
const pieceOf = (characters: string): fc.Arbitrary<string> =>
  fc.tuple(stringOf(characters), stringOf(characters)).map(([before, after]) => `${before}${planted}${after}`);
const safe = "aZ09_/+=.-";
const odd = `${safe}*@%!&|>#,;:'"{}[]()$ ~?\``;

/** A value of YAML in a block mapping whose key begins at column `depth`: what follows the colon. */
function yamlValue(depth: number): fc.Arbitrary<string> {
  const deeper = " ".repeat(depth + 2);
  const plain = pieceOf(safe).map((text) => `x${text}`);
  const single = pieceOf(odd).map((text) => text.replaceAll("'", "''"));
  const double = pieceOf(`${odd}\\\t`).map((text) => JSON.stringify(text).slice(1, -1));
  const some = (piece: fc.Arbitrary<string>): fc.Arbitrary<string[]> => fc.array(piece, { minLength: 1, maxLength: 3 });
  const gap = fc.constantFrom(" ", "  ", ` # ${planted}\n${deeper}`, `\n${deeper}`, `\n\n${deeper}`, `\n# note\n${deeper}`, "\t");
  const property = fc.constantFrom("", "", "!!str ", "&a ", "!!str &a ", "! ", `&a\n${deeper}`);
  const joint = fc.constantFrom(` `, `\n${deeper}`, `\n\n${deeper} `);
  const comment = fc.constantFrom("", " ", ` # ${planted}`);
  const flowing = (piece: fc.Arbitrary<string>, quote: string): fc.Arbitrary<string> =>
    fc
      .tuple(gap, property, some(piece), joint, comment)
      .map(([before, tag, pieces, between, end]) => before + tag + quote + pieces.join(between) + quote + end);
  const block = fc
    .tuple(fc.constantFrom("", "!!str ", "&a "), fc.constantFrom("|", ">"), fc.constantFrom("", "-", "+", "2", "2-", "-2"), comment, some(pieceOf(odd)))
    .map(
      ([tag, style, header, end, pieces]) => ` ${tag}${style}${header}${end}\n${pieces.map((piece) => `${deeper}${piece.replace(/^[ #]/, "x")}`).join("\n\n")}`,
    );
  return fc.oneof(flowing(plain, ""), flowing(single, "'"), flowing(double, '"'), block);
}

const names = fc.constantFrom("basic-auth-token", "Basic-Auth-Token", '"basic-auth-token"', "'basic-auth-token'", "!!str basic-auth-token", "db_password");

/** A configuration file that holds it, in a block or a flow mapping. */
const yamlFile: fc.Arbitrary<string> = fc.oneof(
  fc.tuple(names, yamlValue(0)).map(([key, value]) => `${key}:${value}\n`),
  fc.tuple(names, fc.constantFrom("\n", " # x\n", "\n\n# y\n"), yamlValue(0)).map(([key, end, value]) => `? ${key}${end}:${value}\n`),
  fc.tuple(names, pieceOf(safe)).map(([key, secret]) => `x: &t ${secret}\n${key}: *t\n`),
  fc
    .tuple(names, fc.array(pieceOf(safe), { minLength: 1, maxLength: 3 }))
    .map(([key, items]) => `${key}:\n${items.map((item) => `- ${item.replace(/^[-=]*/, "x")}`).join("\n")}\n`),
);
const flowFile: fc.Arbitrary<string> = fc
  .tuple(
    names,
    fc.constantFrom(" ", "\n  ", "\n"),
    fc.oneof(
      fc.tuple(pieceOf(safe), fc.constantFrom(" ", "\n  "), pieceOf(safe)).map(([a, between, b]) => `x${a}${between}x${b}`),
      pieceOf(`${odd}\\`).map((text) => JSON.stringify(text)),
      pieceOf(odd).map((text) => `'${text.replaceAll("'", "''")}'`),
    ),
    fc.constantFrom("{", "{\n", "{ ", "{\n  ", "{grpc-endpoint: 'a:1', ", "{grpc-endpoint: 'a:1',\n"),
  )
  .map(([key, gap, value, open]) => `${open}${key}:${gap}${value}, bridge-name: br0}\n`);

/** What a look makes of a configuration file, the secret left out. */
function said(text: string): unknown {
  const parsed = parseMapping(text);
  if ("problem" in parsed) return [parsed.problem.code, parsed.problem.message, parsed.problem.line];
  return parsed.entries.map(({ key, value, line }) => [key, line, /token|passw|^x$/i.test(key) ? typeof value === "string" : value]);
}

function expectMasked(text: string): string {
  const masked = maskSecrets(text);
  expect(masked).not.toContain(planted);
  expect(masked).toContain("********");
  expect(lines(masked)).toBe(lines(text));
  expect(maskSecrets(masked)).toBe(masked);
  return masked;
}

describe("in a configuration file", () => {
  test("of any spelling: the rest says the same", () => {
    fc.assert(
      fc.property(fc.oneof(yamlFile, yamlFile, flowFile), fc.boolean(), (value, crlf) => {
        const whole = value.startsWith("{") ? value : `---\ngrpc-endpoint: "localhost:9090"\n${value}bridge-name: br0 # ours\n`;
        const text = crlf ? whole.replaceAll("\n", "\r\n") : whole;
        const masked = expectMasked(text);
        if (!value.includes("&t ") && !value.includes("\n- ")) expect(said(masked)).toEqual(said(text));
      }),
      { numRuns: 1_000 },
    );
  });

  test.each([
    "basic-auth-token: hunTer2\n  bridge-name: br0\n",
    "basic-auth-token: hunTer2\n\tbridge-name: br0\n",
    'basic-auth-token: "hunTer2\nbridge-name: br0\n',
    "basic-auth-token: 'hunTer2\nbridge-name: br0\n",
    "basic-auth-token: @hunTer2\nbridge-name: br0\n",
    "basic-auth-token: %hunTer2\nbridge-name: br0\n",
    "basic-auth-token: *hunTer2\nbridge-name: br0\n",
    "basic-auth-token: !hunTer2\nbridge-name: br0\n",
    "basic-auth-token: &hunTer2\nbridge-name: br0\n",
    "basic-auth-token: |hunTer2\n  x\nbridge-name: br0\n",
    "basic-auth-token: a: hunTer2\nbridge-name: br0\n",
    'basic-auth-token: "a" hunTer2\nbridge-name: br0\n',
    "basic-auth-token: 'a'hunTer2\nbridge-name: br0\n",
    "basic-auth-token: [hunTer2\nbridge-name: br0\n",
    "basic-auth-token: ]hunTer2\nbridge-name: br0\n",
    "basic-auth-token:hunTer2\nbridge-name: br0\n",
    "basic-auth-token: hunTer2\nbasic-auth-token: hunTer2\n",
  ])("%j is as wrong as before", (text) => {
    expect(JSON.stringify(said(text))).not.toContain(planted);
    expect(said(expectMasked(text))).toEqual(said(text));
  });

  test.each([
    "# basic-auth-token: a hunTer2\n",
    "basic-auth-token: # hunTer2\n",
    "basic-auth-token = 'hunTer2'\n",
    "auth_token = '''\na hunTer2\nb hunTer2'''\nx = 1\n",
    'auth_token = """a \\\n  hunTer2 "x" hunTer2"""\nx = 1\n',
    "tokens = [\n  'hunTer2',\n  \"hunTer2\",\n]\n",
    '{\n  "tokens": ["hunTer2", "a hunTer2"],\n  "a": 1\n}\n',
    '{"basic-auth-token":\n"a\\"hunTer2"\n}\n',
    "tokens: [a, hunTer2]\n",
    "psk = a hunTer2\n",
    '{"token": "cut off\nbasic-auth-token: "hunTer2"\n',
    'msg="cut off\\\nbasic-auth-token: "hunTer2"\n',
    'msg="cut off\\\nTOKEN="hunTer2"\n',
    'TOKEN="cut off\nbasic-auth-token: "hunTer2"\n',
    'token: "cut off\nbasic-auth-token: "hunTer2"\n',
    "data:\n  - token: |2-\n      hunTer2\n",
    "-----BEGIN PRIVATE KEY-----\nhunTer2\nhunTer2\n-----END PRIVATE KEY-----\n",
  ])("%j", (text) => void expectMasked(text));
});

/** A word as systemd.syntax(7) has it written. */
const word = (option: string): fc.Arbitrary<string> =>
  fc.oneof(
    pieceOf(safe).map((text) => `${option}${text}`),
    pieceOf(`${safe}*@%!&|,:{}[]`).map((text) => `${option}${text}`),
    pieceOf(odd).map((text) => `'${option}${text.replaceAll("'", "\\'")}'`),
    pieceOf(odd).map((text) => `"${option}${text.replaceAll('"', '\\"')}"`),
    fc.tuple(pieceOf(safe), pieceOf(safe)).map(([a, b]) => `"${option}${a} \\\n ${b}"`),
    ...(option === "" || option.includes(" ")
      ? []
      : [
          fc.tuple(pieceOf(safe), pieceOf(odd)).map(([a, b]) => `${option}${a}"${b.replaceAll('"', '\\"')}"`),
          pieceOf(safe).map((a) => `${option}a\\s${a}\\x20${a}`),
          pieceOf(odd).map((a) => `${option}"${a.replaceAll('"', '\\"')}"'x ${planted}'`),
        ]),
  );

describe("in a unit", () => {
  const gap = fc.constantFrom(" ", "  ", " \\\n    ", " \\\n# note\n  ");
  const flag = fc.constantFrom("--basic-auth-token", '"--basic-auth-token"', "'--basic-auth-token'");
  const argument = fc.oneof(
    fc.tuple(flag, gap, word("")).map((parts) => parts.join("")),
    word("--basic-auth-token="),
  );

  test("a command line: the rest says the same", () => {
    fc.assert(
      fc.property(argument, (secret) => {
        const text = `[Service]\nExecStart=/usr/local/bin/flintlockd run ${secret} --bridge-name br0 "--parent-iface" 'eth 0'\nRestart=always\n`;
        const masked = parseUnitFile("u", expectMasked(text));
        expect(masked.at(-1)).toEqual({ section: "Service", name: "Restart", value: "always", where: parseUnitFile("u", text).at(-1)?.where });
        expect(words(masked[0]?.value ?? "").slice(-4)).toEqual(["--bridge-name", "br0", "--parent-iface", "eth 0"]);
      }),
      { numRuns: 500 },
    );
  });

  test("an environment: the rest says the same", () => {
    fc.assert(
      fc.property(word("FOO_TOKEN="), word("BASIC_AUTH_TOKEN="), (one, two) => {
        const text = `[Service]\nEnvironment="A=b c" ${one} HOME=/root ${two} "X=y z"\nRestart=always\n`;
        const masked = words(parseUnitFile("u", expectMasked(text))[0]?.value ?? "");
        expect(masked).toEqual(expect.arrayContaining(["A=b c", "HOME=/root", "X=y z"]));
        expect(masked).toHaveLength(5);
      }),
      { numRuns: 500 },
    );
  });

  test("an environment file: the rest says the same", () => {
    const value = fc.oneof(
      pieceOf(odd).map((text) => `a ${text}`),
      pieceOf(odd).map((text) => `"${text.replaceAll(/["\\]/g, "\\$&")}"`),
      pieceOf(odd).map((text) => `'${text.replaceAll("'", "\\'")}'`),
      pieceOf(odd).map((text) => `a \\\n ${text}`),
      pieceOf(safe).map((text) => `"a\n${text}\n${text}"`),
    );
    fc.assert(
      fc.property(fc.constantFrom("FOO_TOKEN=", "export DB_PASSWORD=", "PSK = "), value, (name, secret) => {
        const found = parseEnvironmentFile("e", expectMasked(`A=b\n${name}${secret}\nFLINTLOCKD_INSECURE=true\n`));
        expect(found).toContainEqual(expect.objectContaining({ name: "A", value: "b" }));
        expect(found).toContainEqual(expect.objectContaining({ name: "FLINTLOCKD_INSECURE", value: "true" }));
      }),
      { numRuns: 1_000 },
    );
  });

  test("as systemd prints it: the rest says the same", () => {
    const values = fc.array(pieceOf("aZ09-*@;'\""), { minLength: 1, maxLength: 3 }).map((pieces) => pieces.join(" "));
    fc.assert(
      fc.property(values, fc.constantFrom(" ", "="), (secret, joint) => {
        const text = `Id=flintlockd.service\nExecStart={ path=/usr/local/bin/flintlockd ; argv[]=/usr/local/bin/flintlockd run --basic-auth-token${joint}${secret} --bridge-name br0 ; ignore_errors=no ; start_time=[n/a] ; pid=7 ; code=(null) ; status=0/0 }\n`;
        const [unit] = parseUnits(expectMasked(text));
        expect(unit?.execStart[0]).toMatchObject({ path: "/usr/local/bin/flintlockd", mayFail: false });
        expect(unit?.execStart[0]?.argv.slice(-2)).toEqual(["--bridge-name", "br0"]);
      }),
      { numRuns: 500 },
    );
  });

  test("as the kernel tells it: the rest says the same", () => {
    fc.assert(
      fc.property(pieceOf(`${odd}\n`), fc.constantFrom("\0", "="), (secret, joint) => {
        const masked = maskSecrets(`flintlockd\0run\0--basic-auth-token${joint}${secret}\0--insecure\0`);
        expect(masked).toBe(`flintlockd\0run\0--basic-auth-token${joint}********\0--insecure\0`);
      }),
    );
  });
});

describe("in the journal", () => {
  const line = fc.oneof(
    fc.tuple(fc.constantFrom("--basic-auth-token ", "--basic-auth-token=", "token=", "password: ", '"token": '), word("")).map((parts) => parts.join("")),
    pieceOf(odd.replace('"', "")).map((text) => `started with {"basic-auth-token": ${JSON.stringify(text)}, "a": 1}`),
    pieceOf("aZ09").map((text) => `config is {BasicAuthToken:${text} Insecure:true}`),
    pieceOf("aZ09'!").map((text) => `dial https://me:${text}@h:1/x failed`),
  );

  test("a quoted command line or a record: the rest says the same", () => {
    fc.assert(
      fc.property(line, fc.nat({ max: 2 }), (message, depth) => {
        let quoted = message.replaceAll("\\\n", "").replaceAll("\n", " ");
        for (let level = 0; level < depth; level += 1) quoted = JSON.stringify({ msg: quoted, level: "error" });
        const record: unknown = JSON.parse(expectMasked(JSON.stringify({ MESSAGE: quoted, _UID: "0" })));
        expect(record).toMatchObject({ _UID: "0" });
        for (let level = 0, inner = (record as { MESSAGE: string }).MESSAGE; level < depth; level += 1) {
          const parsed = JSON.parse(inner) as { msg: string; level: string };
          expect(parsed.level).toBe("error");
          inner = parsed.msg;
        }
      }),
      { numRuns: 700 },
    );
  });
});
