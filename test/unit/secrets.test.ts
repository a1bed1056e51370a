import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import { maskSecrets, maskSecretsSlowly } from "../../src/secrets.ts";

/** Planted everywhere below: it may be left nowhere. */
const planted = "hunter2-S3cr3t";

describe("secrets", () => {
  test.each([
    `basic-auth-token: ${planted}`,
    `---\ngrpc-endpoint: 0.0.0.0:9090\nbasic-auth-token: ${planted} and more ${planted} # why\nbridge-name: br0`,
    `basic-auth-token: "${planted}"`,
    `basic-auth-token: '${planted}'`,
    `"basic-auth-token": "${planted}"`,
    `basic-auth-token: |\n  ${planted}\n  ${planted}\nbridge-name: br0`,
    `basic-auth-token: >-\n    ${planted}\nbridge-name: br0`,
    `  Basic-Auth-Token :   ${planted}`,
    `ExecStart={ path=/usr/local/bin/flintlockd ; argv[]=/usr/local/bin/flintlockd run --basic-auth-token ${planted} ; ignore_errors=no ; }`,
    `ExecStart=/usr/local/bin/flintlockd run --basic-auth-token=${planted},"x`,
    `ExecStart=/usr/local/bin/flintlockd run --basic-auth-token "${planted} x"`,
    `/usr/local/bin/flintlockd\0run\0--basic-auth-token\0${planted}\0--insecure\0`,
    `/usr/local/bin/flintlockd\0run\0--basic-auth-token=${planted}\0`,
    `Environment=FLINTLOCKD_BASIC-AUTH-TOKEN=${planted} A=b`,
    `Environment="DB_PASSWORD=${planted}" A=b`,
    `MY_SECRET_KEY=${planted}`,
    `https_proxy=http://user:${planted}@proxy.example:3128/`,
    `https_proxy=http://us@er:${planted}@proxy.example:3128/`,
    `pulling oci://${planted}@registry.example/k:1`,
    `Authorization: Basic ${planted}`,
    `authorization="Bearer ${planted}"`,
    `"Authorization": "Bearer ${planted}"`,
    `curl -H 'Authorization: Basic ${planted}' http://x`,
    `time="2026" level=error msg="request with token=${planted} failed"`,
    `{"level":"error","msg":"x","password":"${planted}"}`,
    `{"MESSAGE":"{\\"password\\":\\"${planted}\\"}"}`,
    `msg="bad \\"api_key\\": \\"${planted}\\""`,
    `Environment="DB_PASSWORD=${planted} and ${planted}" A=b`,
    `Environment='DB_PASSWORD=${planted} and ${planted}' A=b`,
    JSON.stringify({ stdout: `Environment="DB_PASSWORD=${planted} and ${planted}" A=b` }),
    `[plugins."cri".registry.configs."r".auth]\nauth = "${planted}"\nidentitytoken = "${planted}"`,
    `{"auths":{"r":{"auth":"${planted}"}}}`,
    JSON.stringify({ MESSAGE: `level=error msg=${JSON.stringify(`bad {"password": "${planted}", "n": 1}`)}` }),
    JSON.stringify({ stdout: JSON.stringify({ MESSAGE: `level=error msg=${JSON.stringify(`bad {"password": "a\\"${planted}", "n": 1}`)}` }) }),
    `password = ${planted}`.replace(" = ", "="),
    `-----BEGIN RSA PRIVATE KEY-----\n${planted}\n-----END RSA PRIVATE KEY-----`,
    `"tls-key":"-----BEGIN PRIVATE KEY-----\\n${planted}\\n`,
    `{"metadata":{"user-data":"${planted}","meta-data":"a\\"b${planted}"},"x":1}`,
  ])("%j", (text) => {
    const masked = maskSecrets(text);
    expect(masked).not.toContain(planted);
    expect(masked).toContain("********");
    expect(maskSecrets(masked)).toBe(masked);
  });

  test.each([
    'basic-auth-token: ""',
    "basic-auth-token: ''",
    "basic-auth-token:\nbridge-name: br0",
    "bridge-name: br0 # no secret\nparent-iface: eth0",
    "unexpected token at line 3",
    "a parent network device name is required for attaching a TAP interface",
    'failed to query pool "/dev/mapper/flintlock-dev-thinpool": no such device or address',
    "https://github.com/liquidmetal-dev/flintlock",
    "basic authentication is DISABLED",
    "tls-key: /etc/flintlock/key.pem",
    'author: "somebody"',
    '[plugins."io.containerd.grpc.v1.cri".registry.configs."r".auth]',
    "localhost:5000/k:1",
    "git@github.com:x/y",
  ])("left alone: %j", (text) => expect(maskSecrets(text)).toBe(text));

  test("a pattern that is not tried would not have fitted", () => {
    const piece = fc.oneof(
      fc.constantFrom(
        "basic",
        "Bearer",
        "Authorization",
        "eyJabcdefghi.abcdefghi",
        "://",
        "@",
        "WPA-PSK",
        "wireless-key1",
        "passwd",
        "PassPhrase",
        "pre-shared-key",
      ),
      fc.constantFrom("presharedkey", "API_KEY", "accesskey", "private-key", "credentials", "psk", "token", "secret", "-----BEGIN RSA PRIVATE KEY-----"),
      fc.constantFrom(
        ": ",
        "=",
        ":",
        '"',
        "'",
        "\\",
        " ",
        "\n",
        "\0",
        "--",
        "|\n  ",
        "- ",
        '"metadata":{"a":"b"}',
        "hunter2",
        "YWJjZGVmZ2g=",
        "\u212a",
        "\u017f",
        "key",
      ),
      fc.string({ maxLength: 3 }),
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 12 }), (pieces) => {
        const text = pieces.join("");
        expect(maskSecrets(text)).toBe(maskSecretsSlowly(text));
      }),
      { numRuns: 2_000 },
    );
  });

  test("only the value goes", () => {
    expect(maskSecrets(`---\nbasic-auth-token: |\n  a\n  b\nbridge-name: br0\n`)).toBe(`---\nbasic-auth-token: |\n  ********\n  ********\nbridge-name: br0\n`);
    expect(maskSecrets(`{"token":"a","level":"error"}`)).toBe(`{"token":"********","level":"error"}`);
    expect(maskSecrets(`{"MESSAGE":"{\\"password\\":\\"x\\",\\"n\\":1}","_UID":"0"}`)).toBe(
      `{"MESSAGE":"{\\"password\\":\\"********\\",\\"n\\":1}","_UID":"0"}`,
    );
  });

  test.each([
    "-",
    "token",
    "token=",
    'token="',
    "token='",
    "a://b@",
    "-----BEGIN ",
    "token: ",
    "basic ",
    '"metadata":{',
    '\\"token',
    "authorization ",
    "eyJ",
    " ",
    "token: |\n  x\n",
    "\ntoken:\n#",
    "\ntoken: 'a",
    "\ntoken: [",
    "\ntoken: *a &a",
    "\ntoken: !a ",
    "\ntoken = '''a",
    "? token\n: x\n",
    "{token: ",
    "--token \\\n",
    "argv[]= --token x",
    "token='\\'",
    "a'token: '",
  ])("long runs of %j take no long time", (piece) => {
    const text = piece.repeat(200_000 / piece.length);
    expect(maskSecrets(text).length).toBeGreaterThan(0);
  });
});
