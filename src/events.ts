/**
 * What was done, for the journal: structured entries under fixed MESSAGE_IDs. The one importer of winston. Node cannot send
 * to journald's datagram socket, so logger(1) of util-linux hands entries over (`--journald`); where it cannot, they go
 * to stderr with sd-daemon(3) priorities, but for a run that keeps it empty. Never used by a dry run.
 */

import { spawn } from "node:child_process";
import { Writable } from "node:stream";
import type { Logger } from "winston";
import { reasonOf } from "./errors.ts";
import { maskSecrets, printable } from "./evidence.ts";
import { eventKinds, priorities, type EventKind } from "./heal/event-kinds.ts";
import { environment } from "./host/process-group.ts";

export interface JournalEvent {
  kind: EventKind;
  message: string;
  finding?: string;
  step?: string;
  outcome?: string;
  run?: string;
  trigger?: string;
}

/** Whether the entry has arrived. */
type Deliver = (entry: readonly string[]) => Promise<boolean>;
type Level = keyof typeof priorities;

export class EventLog {
  /** So many entries did not arrive in the journal. */
  missed = 0;
  private opened: Promise<Opened> | undefined;
  private readonly aside: (line: string) => void;
  private readonly deliver: Deliver;

  /** `aside`: takes what the journal did not. */
  constructor({ aside = toStderr, deliver = byLogger }: { aside?: (line: string) => void; deliver?: Deliver } = {}) {
    this.aside = aside;
    this.deliver = deliver;
  }

  record(event: JournalEvent): void {
    const { level } = eventKinds[event.kind];
    this.opened ??= open((info) => this.hand(info));
    // What is wrong with it is told by `close`.
    const message = printable(maskSecrets(event.message)).replaceAll("\n", " / ");
    this.opened.then(
      ({ logger }) => logger.log(level, message, { event }),
      () => undefined,
    );
  }

  /** Waits until everything is delivered. A log that fails is told aside, and fails nothing else. */
  async close(): Promise<void> {
    try {
      const opened = await this.opened;
      opened?.logger.end();
      await opened?.delivered;
    } catch (error) {
      this.miss("warning", `the journal could not be told: ${reasonOf(error)}`);
    }
    this.opened = undefined;
  }

  private async hand({ event, level, message }: Info): Promise<void> {
    if (!(await this.deliver(entryOf(event, message)))) this.miss(level, message);
  }

  private miss(level: Level, message: string): void {
    this.missed += 1;
    this.aside(`<${priorities[level]}>${message}\n`);
  }
}

const toStderr = (line: string): void => void process.stderr.write(line);

interface Opened {
  logger: Logger;
  /** After the end of the logger: its last entry has arrived. */
  delivered: Promise<void>;
}

interface Info {
  level: Level;
  message: string;
  event: JournalEvent;
}

async function open(hand: (info: Info) => Promise<void>): Promise<Opened> {
  // As a CommonJS module it has all its names in its default export.
  const { default: winston } = await import("winston");
  const { createLogger, transports } = winston;
  const stream = new Writable({
    objectMode: true,
    write(info: Info, _encoding, done) {
      void hand(info).finally(() => done());
    },
  });
  const transport = new transports.Stream({ stream });
  const delivered = new Promise<void>((resolve) => {
    transport.once("finish", () => stream.end(resolve));
  });
  // eslint-disable-next-line @typescript-eslint/no-unsafe-class-instance-assignment -- winston types its own transports as interfaces
  return { logger: createLogger({ levels: priorities, level: "info", transports: [transport] }), delivered };
}

/** systemd.journal-fields(7): a line a field; what is not known is left out. */
export function entryOf({ kind, finding, step, outcome, run, trigger }: JournalEvent, message: string): string[] {
  const { messageId, level } = eventKinds[kind];
  const fields: [string, string | undefined][] = [
    ["MESSAGE", message],
    ["MESSAGE_ID", messageId],
    ["PRIORITY", String(priorities[level])],
    ["SYSLOG_IDENTIFIER", "flintlock-fix"],
    ["FLINTLOCK_FIX_EVENT", kind],
    ["FLINTLOCK_FIX_FINDING", finding],
    ["FLINTLOCK_FIX_STEP", step],
    ["FLINTLOCK_FIX_OUTCOME", outcome],
    ["FLINTLOCK_FIX_RUN", run],
    ["FLINTLOCK_FIX_TRIGGER", trigger],
  ];
  return fields.flatMap(([name, value]) => (value === undefined || value === "" ? [] : [`${name}=${printable(value).replaceAll("\n", " / ")}`]));
}

const deliveryMs = 10_000;

function byLogger(entry: readonly string[]): Promise<boolean> {
  return new Promise((resolve) => {
    const child = spawn("logger", ["--journald"], { env: environment(), cwd: "/", stdio: ["pipe", "ignore", "ignore"], timeout: deliveryMs });
    child.once("error", () => resolve(false));
    child.once("close", (status) => resolve(status === 0));
    child.stdin.on("error", () => undefined);
    child.stdin.end(`${entry.join("\n")}\n`);
  });
}
