/** flintlock's own records of its MicroVMs, in containerd's content store: the newest version of each. */

import { newestRows, parseContentList } from "../facts/content-store.ts";
import { parseRecord, recordBegins, type MicrovmRecord } from "../facts/microvm-record.ts";
import { absent, known, mapAnswer, unknown, valueOf, type Answer, type CommandResult } from "../host/inspector.ts";
import type { Survey } from "./survey.ts";

export type { MicrovmRecord, RecordedInterface } from "../facts/microvm-record.ts";

/** A record is about 1 KiB; what a spec's metadata adds is bounded by gRPC's 4 MiB, and rarely more than some KiB. */
const maxRecordBytes = 4 * 1024 * 1024;
/** More blobs than a content store of ten thousand MicroVMs and all their versions holds. */
const mostBlobs = 500_000;

export interface StoredRecords {
  records: MicrovmRecord[];
  /** Why another one could not be read: its shape is not what flintlock's source tells, and it is never guessed. Null: all were. */
  unread: string | null;
}

/** `absent`: containerd's content store is not there, so nothing was ever stored. `unknown`: none of what lies there could be read. */
export async function storedRecords(survey: Survey): Promise<Answer<StoredRecords>> {
  const [layout, settings, containerd, units] = await Promise.all([survey.layout(), survey.settings(), survey.containerd(), survey.units()]);
  if (layout.kind !== "known") return unknown(layout.why);
  if (settings.kind !== "known") return unknown(settings.why);
  const dev = layout.value.containerdUnit === "containerd-dev.service";
  const root = valueOf(containerd)?.root ?? (dev ? "/var/lib/containerd-dev" : "/var/lib/containerd");
  const blobs = `${root}/io.containerd.content.v1.content/blobs/sha256`;
  const unit = valueOf(units)?.[dev ? "containerdDev" : "containerd"];
  const glanced = survey.glance ? await atAGlance(survey, blobs) : null;
  if (glanced) return mapAnswer(glanced, allRead);
  // Without a socket ctr would wait for its whole time limit.
  const listed =
    unit?.activeState === "active" ? await listing(survey, layout.value.socket, settings.value.of("containerd-ns").value) : unknown("containerd is not active");
  if (listed.kind === "known") return readAll(survey, blobs, newestRows(listed.value), listed.at);
  return mapAnswer(await byShape(survey, blobs, listed.why), allRead);
}

const allRead = (records: MicrovmRecord[]): StoredRecords => ({ records, unread: null });

type Rows = Parameters<typeof newestRows>[0];

async function listing({ host }: Survey, socket: string, namespace: string): Promise<Answer<Rows>> {
  const listed = await host.ask({
    ask: "command",
    argv: ["ctr", "--connect-timeout", "2s", "-a", socket, "-n", namespace, "content", "ls"],
    maxBytes: 256 * 1024 * 1024,
  });
  if (listed.kind !== "known") return unknown(listed.why);
  if (listed.value.status !== 0) return unknown(failed(listed.value));
  if (listed.value.truncated) return unknown("ctr content ls printed more than is read");
  const parsed = parseContentList(listed.value.stdout);
  return "problem" in parsed ? unknown(parsed.problem) : known(parsed.rows, listed.at);
}

function failed({ status, stderr }: CommandResult): string {
  return `ctr content ls ${status === null ? "was ended by a signal" : `exited ${status}`}: ${stderr.trim().split("\n").at(-1)?.slice(0, 300) ?? ""}`;
}

async function readAll(survey: Survey, blobs: string, digests: readonly string[], at: string): Promise<Answer<StoredRecords>> {
  const read: Blob[] = [];
  // One after the other: the text of each is let go before the next is read, which counts where there are thousands.
  for (const digest of digests) read.push(await readBlob(survey, `${blobs}/${digest}`));
  // A row may be forged by a name with a line break, and lead to any blob: what does not even begin like a record is passed
  // over where others do. Where none does, flintlock stores them in another way than is known here.
  const strange = read.find((one) => "strange" in one);
  const problem = read.find((one) => "problem" in one);
  const unread = problem && "problem" in problem ? problem.problem : null;
  if (!read.some((one) => "record" in one)) {
    const why = unread ?? (strange && "strange" in strange ? strange.strange : null);
    if (why !== null) return unknown(why);
  }
  return known({ records: newestOf(read.flatMap((one) => ("record" in one ? [one.record] : []))), unread }, at);
}

type Blob = { record: MicrovmRecord } | { problem: string } | { strange: string } | { gone: true };

async function readBlob({ host }: Survey, path: string): Promise<Blob> {
  const file = await host.ask({ ask: "file", path });
  // Deleted, and collected, between the two looks.
  if (file.kind === "absent") return { gone: true };
  if (file.kind === "unknown") {
    const status = await host.ask({ ask: "status", path });
    return status.kind === "known" && status.value.size > maxRecordBytes ? { strange: file.why } : { problem: file.why };
  }
  return file.value.text.startsWith(recordBegins)
    ? parseRecord(file.value.text, path)
    : { strange: `${path} is labelled as a MicroVM and does not begin like one` };
}

/** By what the blobs themselves say: labels only choose what is read. */
function newestOf(records: readonly MicrovmRecord[]): MicrovmRecord[] {
  const newest = new Map<string, MicrovmRecord>();
  for (const record of records) if (record.version > (newest.get(record.uid)?.version ?? -1)) newest.set(record.uid, record);
  return [...newest.values()].sort((a, b) => (a.id < b.id ? -1 : 1));
}

/**
 * Where containerd does not answer, or its metadata store failed to load (containerd 2 does without one snapshotter), the
 * blobs are still plain files. Old versions stay beside the newest, and those of a MicroVM that was deleted go with
 * containerd's next collection.
 */
async function byShape(survey: Survey, blobs: string, why: string): Promise<Answer<MicrovmRecord[]>> {
  const names = await survey.host.ask({ ask: "directory", path: blobs });
  if (names.kind === "absent") return absent(`nothing was ever stored here: ${names.why}`);
  if (names.kind === "unknown") return unknown(`${why}; and ${names.why}`);
  if (names.value.length > mostBlobs) return unknown(`${why}; and ${blobs} holds more than ${mostBlobs} files`);
  // An image's layer or configuration may begin like a record and be something else.
  const { found } = await thoseLikeRecords(survey, blobs, names.value);
  return known(newestOf(found), names.at);
}

/** More of them are not read for a glance: where it does not find all well, they are read again. */
const fewBlobs = 500;

/**
 * Whatever lies there, old versions and deleted MicroVMs too: where each of these runs, ctr could only take some of them away. Null: only ctr
 * tells, for there is none, or one that begins like a record and has another shape.
 */
async function atAGlance(survey: Survey, blobs: string): Promise<Answer<MicrovmRecord[]> | null> {
  const names = await survey.host.ask({ ask: "directory", path: blobs });
  if (names.kind !== "known") return null;
  if (names.value.length > fewBlobs) return unknown(`${blobs} holds more than a glance takes in`);
  const { found, others } = await thoseLikeRecords(survey, blobs, names.value);
  return found.length === 0 || others > 0 ? null : known(newestOf(found), names.at);
}

/** `others`: begin like a record, and could not be read as one. */
async function thoseLikeRecords(survey: Survey, blobs: string, names: readonly string[]): Promise<{ found: MicrovmRecord[]; others: number }> {
  const { host } = survey;
  const found: MicrovmRecord[] = [];
  let others = 0;
  for (const name of names.filter((one) => /^[0-9a-f]{64}$/.test(one))) {
    const path = `${blobs}/${name}`;
    const status = await host.ask({ ask: "status", path });
    if (status.kind !== "known" || status.value.type !== "file" || status.value.size > maxRecordBytes) continue;
    const begin = await host.ask({ ask: "bytes", path, offset: 0, length: recordBegins.length });
    if (begin.kind !== "known" || Buffer.from(begin.value, "base64").toString("latin1") !== recordBegins) continue;
    const read = await readBlob(survey, path);
    if ("record" in read) found.push(read.record);
    else others += 1;
  }
  return { found, others };
}
