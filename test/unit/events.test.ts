import { expect, test } from "@jest/globals";
import { entryOf, EventLog, type JournalEvent } from "../../src/events.ts";

const event: JournalEvent = {
  kind: "step-ended",
  message: "re-attach thin pool",
  finding: "thinpool-missing",
  step: "recreate-devpool",
  outcome: "done",
  run: "r1",
  trigger: "timer",
};

test("an entry has the fields that the journal is searched by", () => {
  expect(entryOf(event, event.message)).toEqual([
    "MESSAGE=re-attach thin pool",
    "MESSAGE_ID=0949552133554aa88f866325d18f8a38",
    "PRIORITY=5",
    "SYSLOG_IDENTIFIER=flintlock-fix",
    "FLINTLOCK_FIX_EVENT=step-ended",
    "FLINTLOCK_FIX_FINDING=thinpool-missing",
    "FLINTLOCK_FIX_STEP=recreate-devpool",
    "FLINTLOCK_FIX_OUTCOME=done",
    "FLINTLOCK_FIX_RUN=r1",
    "FLINTLOCK_FIX_TRIGGER=timer",
  ]);
});

test("no text makes a field of its own", () => {
  expect(entryOf({ kind: "cured", message: "", finding: "a\nMESSAGE_ID=0" }, "x")).toContain("FLINTLOCK_FIX_FINDING=a / MESSAGE_ID=0");
});

const two = (log: EventLog): Promise<void> => {
  log.record(event);
  log.record({ kind: "unresolved", message: "line one\nbasic-auth-token: hunter2" });
  return log.close();
};

test("entries arrive in order, each whole, before the log is closed; secrets do not", async () => {
  const [arrived, aside]: [string[][], string[]] = [[], []];
  const log = new EventLog({
    aside: (line) => void aside.push(line),
    deliver: async (entry) => {
      await Promise.resolve();
      arrived.push(entry.filter((line) => /^(?:PRIORITY|MESSAGE)=/.test(line)));
      return true;
    },
  });
  await two(log);
  expect(arrived).toEqual([
    ["MESSAGE=re-attach thin pool", "PRIORITY=5"],
    [expect.stringMatching(/^MESSAGE=line one \/ basic-auth-token: <\*+>$/), "PRIORITY=3"],
  ]);
  expect({ aside, missed: log.missed }).toEqual({ aside: [], missed: 0 });
});

test("what does not arrive is told aside, and counted", async () => {
  const aside: string[] = [];
  const log = new EventLog({ aside: (line) => void aside.push(line), deliver: () => Promise.resolve(false) });
  await two(log);
  await log.close();
  expect(aside).toEqual(["<5>re-attach thin pool\n", expect.stringMatching(/^<3>line one \/ basic-auth-token: <\*+>\n$/)]);
  expect(log.missed).toBe(2);
});

test("a log that was never written to closes at once", async () => {
  await expect(new EventLog({ deliver: () => Promise.reject(new Error("never")) }).close()).resolves.toBeUndefined();
});
