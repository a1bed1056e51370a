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

test("entries arrive in order, each whole, before the log is closed; secrets do not", async () => {
  const arrived: [level: string, message: string][] = [];
  const log = new EventLog(async (_entry, level, message) => {
    await Promise.resolve();
    arrived.push([level, message]);
  });
  log.record(event);
  log.record({ kind: "unresolved", message: "line one\nbasic-auth-token: hunter2" });
  await log.close();
  expect(arrived).toEqual([
    ["notice", "re-attach thin pool"],
    ["error", expect.stringMatching(/^line one \/ basic-auth-token: \*+$/)],
  ]);
});

test("a log that was never written to closes at once", async () => {
  await expect(new EventLog(() => Promise.reject(new Error("never"))).close()).resolves.toBeUndefined();
});
