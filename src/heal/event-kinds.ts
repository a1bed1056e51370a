/** What automation tells the journal, each kind under a MESSAGE_ID that never changes (journalctl(1), "message catalog"). Pure. */

export type EventKind =
  "run-began" | "step-ended" | "cured" | "unresolved" | "needs-person" | "healthy-again" | "breaker-opened" | "resumed" | "paused" | "notify-failed";

/** syslog(3) */
export const priorities = { error: 3, warning: 4, notice: 5, info: 6 } as const;

export interface KindOfEvent {
  messageId: string;
  level: keyof typeof priorities;
  /** Of its page in the catalog, where @FIELD@ stands for a field of the entry (systemd: docs/MESSAGE_CATALOG). */
  subject: string;
  page: string;
}

export const eventKinds: Record<EventKind, KindOfEvent> = {
  "run-began": {
    messageId: "ac8e9aea3e8c41cb970004264b8cc576",
    level: "notice",
    subject: "flintlock-fix began to act (@FLINTLOCK_FIX_TRIGGER@)",
    page: "A look at this flintlock host found faults, and a plan for them is carried out now.\nThe steps follow as entries of their own; all of the run: journalctl FLINTLOCK_FIX_RUN=@FLINTLOCK_FIX_RUN@",
  },
  "step-ended": {
    messageId: "0949552133554aa88f866325d18f8a38",
    level: "notice",
    subject: "flintlock-fix: step @FLINTLOCK_FIX_STEP@ ended (@FLINTLOCK_FIX_OUTCOME@)",
    page: "A step of the plan was carried out because of @FLINTLOCK_FIX_FINDING@.\nWith every command of it: fix history",
  },
  cured: {
    messageId: "8c8eac8f76564d1b90e5ba0c31fcb6ab",
    level: "notice",
    subject: "flintlock-fix cured @FLINTLOCK_FIX_FINDING@",
    page: "The second look proved that the faults are gone. What they mean: fix explain",
  },
  unresolved: {
    messageId: "76766ee0dbea4e9b990416ea30894a79",
    level: "error",
    subject: "flintlock-fix could not cure @FLINTLOCK_FIX_FINDING@",
    page: "Something was done, and a fault is still there or a step failed. It is tried again by itself,\nwith growing pauses, until the budget of attempts is spent. Look: fix --dry-run; fix history",
  },
  "needs-person": {
    messageId: "9e43fcea36da425ebafc9ef2e772f5ea",
    level: "warning",
    subject: "flintlock-fix needs a decision about @FLINTLOCK_FIX_FINDING@",
    page: "There is a fault that is not touched without a person: what it is and what can be done tells\n\n    fix --dry-run\n\nIt is told once, and again when it changes.",
  },
  "healthy-again": {
    messageId: "e58079c5b0bb43f69820fdc6ee8651e8",
    level: "notice",
    subject: "This flintlock host is healthy again",
    page: "What flintlock-fix told about before is gone, without a step of its own.",
  },
  "breaker-opened": {
    messageId: "27b81e071e884889b9317528e9ba50bf",
    level: "error",
    subject: "flintlock-fix stopped itself (@FLINTLOCK_FIX_FINDING@)",
    page: "Automation did not help: a cure did not hold, findings came back within minutes, or all attempts at one\nare spent. From now on it only reports, and restarts nothing.\n\nFind the cause and cure it by hand, then let automation go on:\n\n    fix --dry-run\n    fix --apply\n    fix resume",
  },
  resumed: {
    messageId: "5923966a470b42d69bbdc806fb3b7476",
    level: "notice",
    subject: "flintlock-fix may act again",
    page: "A person ended the pause and closed the breaker; every finding has its full budget of attempts.",
  },
  paused: {
    messageId: "99bfeb0701eb42e4821212183169db35",
    level: "notice",
    subject: "flintlock-fix is paused",
    page: "A person asked automatic runs to stand down. It ends at the time that was given, or with: fix resume",
  },
  "notify-failed": {
    messageId: "902bba126b5a434b8ee9540d13962a98",
    level: "warning",
    subject: "flintlock-fix could not tell anybody",
    page: "The command under notify in /etc/flintlock-fix/policy.yaml failed, with all its retries.",
  },
};
