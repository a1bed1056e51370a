import { readFileSync } from "node:fs";
import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import { lastWords, wordsIn } from "../../../src/facts/last-words.ts";
import { stallWords } from "../../../src/facts/stall-words.ts";

const recorded = (name: string): ReturnType<typeof wordsIn> =>
  wordsIn(readFileSync(new URL(`../../fixtures/services/${name}.journal`, import.meta.url), "utf8"));

describe("last words", () => {
  test("of a flintlockd that was given neither bridge nor parent, among its usage text", () => {
    expect(lastWords(recorded("crash-loop-neither"))?.message).toBe("Error: you must supply at least one of parent interface, bridge name");
  });

  const systemd = (message: string): string => JSON.stringify({ SYSLOG_IDENTIFIER: "systemd", _SYSTEMD_UNIT: "init.scope", MESSAGE: message });
  const own = (message: string): string => JSON.stringify({ SYSLOG_IDENTIFIER: "flintlockd", _SYSTEMD_UNIT: "flintlockd.service", MESSAGE: message });

  test("of an earlier run do not count for a later one", () => {
    const lines = [
      own("Error: of yesterday"),
      systemd("Starting flintlockd.service - x..."),
      systemd("flintlockd.service: Control process exited, code=exited, status=1/FAILURE"),
      systemd("flintlockd.service: Failed with result 'exit-code'."),
    ];
    expect(lastWords(wordsIn(lines.join("\n")))?.message).toContain("Control process exited");
  });

  test("a unit cannot speak for systemd, nor a line of noise for the cause", () => {
    const lines = [
      own('time="x" level=error msg="error from event service: %!s(<nil>)" controller=microvm'),
      own("Main process exited, code=killed"),
      own('time="x" level=fatal msg="bad \\"thing\\"" error="deep"'),
    ];
    expect(lastWords(wordsIn(lines.join("\n")))?.message).toBe('bad "thing": deep');
    expect(lastWords(wordsIn(lines.slice(0, 2).join("\n")))).toBeNull();
  });

  test("text, JSON and bytes", () => {
    expect(lastWords(wordsIn(own('{"level":"fatal","msg":"m","error":"deep","time":"t"}')))?.message).toBe("m: deep");
    expect(lastWords(wordsIn(own('time="x" level=error msg="m" error="<nil>"')))?.message).toBe("m");
    expect(lastWords(wordsIn(own("no fields")))).toBeNull();
    // journald gives bytes that are no plain text as numbers; they are UTF-8 all the same.
    expect(wordsIn('{"MESSAGE":[195,169]}')[0]?.message).toBe("é");
    expect(wordsIn('{"MESSAGE":[104,105]}\nnot json\n{"x":1}\n[]')).toEqual([{ realtimeUs: 0, fromSystemd: false, message: "hi" }]);
  });

  test("no text makes it throw", () => {
    fc.assert(
      fc.property(fc.string(), fc.json(), (text, json) => {
        lastWords(wordsIn(`${text}\n${json}`));
        stallWords([text]);
      }),
    );
  });
});

describe("why it does not serve", () => {
  test.each([
    ["containerd-sigkilled", "containerd", "connect: connection refused"],
    ["grpc-port-in-use", "port", "bind: address already in use"],
  ])("%s", (name, kind, text) => {
    const words = stallWords(recorded(name).map(({ message }) => message));
    expect(words?.kind).toBe(kind);
    expect(words?.text).toContain(text);
  });

  test.each([
    ['level=error msg="failed serving http api: listening and serving http api: http: Server closed"', null],
    ["failed serving api: setting up gRPC api listener: listen tcp: lookup x on [::1]:53: refused", "name"],
    ["failed serving api: setting up gRPC api listener: listen tcp 10.0.0.9:9090: bind: cannot assign requested address", "address"],
    ["failed serving api: setting up gRPC api listener: listen tcp: address 127.0.0.1: missing port in address", "endpoint"],
    ["failed serving api: validating tls config: certificate file path is required when running securely", "tls"],
    ["failed running controllers: out of cheese", "other"],
    ["somebody said: failed serving api: x", null],
  ])("%s", (line, kind) => {
    expect(stallWords([line])?.kind ?? null).toBe(kind);
  });
});
