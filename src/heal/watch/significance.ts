/** Which entries of the journal are a reason to look: known wordings of the daemons, and systemd's own word that one of them ended. Pure. */

import { entryOf, isFields } from "../../facts/journal.ts";
import { parseLogLine } from "../../facts/logrus.ts";
import type { Matcher } from "../../facts/signatures.ts";

/** sd-messages.h: a process of a unit ended (SD_MESSAGE_UNIT_PROCESS_EXIT), a unit failed (…_UNIT_FAILED, …_UNIT_FAILURE_RESULT). */
const endings = new Set(["98e322203f7a4ed290d09fe03c09fe15", "be02cf6855d2428ba40df7e9d022f03d", "d9b373ed55a64feb8242e02dbe79a49c"]);

export interface Watched {
  flintlockd: string;
  /** Both, where it could not be told which of them counts. */
  containerd: readonly string[];
}

export interface Seen {
  /** Where to go on after this entry. */
  cursor: string;
  /** In words, for the log; null: no reason to look. */
  reason: string | null;
}

/** `line`: one of `journalctl -o json`. Null where it is none. */
export function significance(line: string, watched: Watched, matcher: Matcher): Seen | null {
  let fields: unknown;
  try {
    fields = JSON.parse(line);
  } catch {
    return null;
  }
  if (!isFields(fields)) return null;
  const { cursor, systemdUnit, messageId, message } = entryOf(fields);
  const unit = fields["UNIT"];
  // Only what PID 1 says of a unit counts as systemd's word: the matches of the follower see to that.
  if (systemdUnit !== watched.flintlockd && !watched.containerd.includes(systemdUnit))
    return { cursor, reason: endings.has(messageId) && typeof unit === "string" ? `${unit} ended` : null };
  const daemon = systemdUnit === watched.flintlockd ? "flintlockd" : "containerd";
  const [match] = matcher.match(daemon, parseLogLine(message)).matches;
  return { cursor, reason: match ? `${systemdUnit} speaks of ${match.finding}` : null };
}

/** What the follower asks for. Fields that begin with `_` are journald's own, so nobody else can speak for these units. */
export function followArgv({ flintlockd, containerd }: Watched, cursor: string | null): string[] {
  const units = [flintlockd, ...containerd];
  const matches = [...units.map((unit) => [`_SYSTEMD_UNIT=${unit}`]), ...units.map((unit) => ["_PID=1", `UNIT=${unit}`])];
  return [
    "journalctl",
    "--follow",
    "--quiet",
    "--output=json",
    "--output-fields=MESSAGE,MESSAGE_ID,UNIT,_SYSTEMD_UNIT,_TRANSPORT,SYSLOG_IDENTIFIER",
    ...(cursor === null ? ["--lines=0"] : ["--no-tail", `--after-cursor=${cursor}`]),
    ...matches.flatMap((match, index) => (index === 0 ? match : ["+", ...match])),
  ];
}
