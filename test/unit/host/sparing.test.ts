import { expect, test } from "@jest/globals";
import { known, unknown, type Answer, type CommandQuestion, type Inspector } from "../../../src/host/inspector.ts";
import { sparing } from "../../../src/host/sparing.ts";

/** `hangs`: programs that take all the time they are given. */
function hostOf(hangs: readonly string[]): { host: Inspector; asked: CommandQuestion[]; now: () => number } {
  let ms = 0;
  const asked: CommandQuestion[] = [];
  const ask = (question: CommandQuestion): Promise<Answer<unknown>> => {
    asked.push(question);
    const hung = hangs.includes(question.argv[0] ?? "") && question.argv[1] !== "--version";
    ms += hung ? (question.timeoutMs ?? 0) : 1;
    return Promise.resolve(hung ? unknown("did not answer") : known({}, ""));
  };
  return { host: { ask } as unknown as Inspector, asked, now: () => ms };
}

const words = ({ argv }: CommandQuestion): string => argv.join(" ");

test("a program that hangs is given a quarter of the look, and is not asked again but for its version", async () => {
  const { host, asked, now } = hostOf(["ctr"]);
  const spared = sparing(host, 20_000, now);
  const command = (...argv: string[]): Promise<Answer<unknown>> => spared.ask({ ask: "command", argv, timeoutMs: 15_000 });
  expect(await command("ctr", "plugins", "ls")).toMatchObject({ kind: "unknown" });
  expect(now()).toBe(5_000);
  expect(await command("ctr", "content", "ls")).toMatchObject({ kind: "unknown", why: "ctr did not answer in time before" });
  expect(await command("ctr", "--version")).toMatchObject({ kind: "known" });
  expect(await command("dmsetup", "status")).toMatchObject({ kind: "known" });
  expect(asked.map(words)).toEqual(["ctr plugins ls", "ctr --version", "dmsetup status"]);
});

test("what fails at once is asked again, and a look with time gives each program what it wants", async () => {
  const asked: number[] = [];
  const host = {
    ask: ({ timeoutMs = 0 }: CommandQuestion) => {
      asked.push(timeoutMs);
      return Promise.resolve(unknown("it is broken"));
    },
  } as unknown as Inspector;
  const spared = sparing(host, 90_000, () => 0);
  await spared.ask({ ask: "command", argv: ["ctr", "a"], timeoutMs: 15_000 });
  await spared.ask({ ask: "command", argv: ["ctr", "b"] });
  expect(asked).toEqual([15_000, 10_000]);
});
