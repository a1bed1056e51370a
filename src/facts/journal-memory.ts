/**
 * What a look that may write keeps of the journal, so that the next one reads only what is new: where it stood, and what it had
 * heard. Good for one boot, one start of each unit and one set of wordings. Text in, values out; the file is
 * STATE/journal.json: a line with a checksum, and a line of JSON, a number for each text that comes again. Pure.
 */

import type { FindingId } from "../report.ts";
import { isFields, type Fields } from "./journal.ts";
import type { Heard, LogError, LogHit } from "./log-evidence.ts";

export interface JournalMemory {
  /** The program and its wordings. */
  madeBy: string;
  bootId: string;
  /** Whose lines were heard, in the order flintlockd, containerd. */
  units: { name: string; invocationId: string }[];
  /** Of the last entry that was read. */
  cursor: string;
  heard: Heard;
  /** How many lines journald dropped, by unit. */
  dropped: Record<string, number>;
  /** How many lines the first look read, where there were more; else null. */
  cutAt: number | null;
  config: ConfigSeen | null;
}

/** flintlockd's configuration as it was when flintlockd started, and until when it was seen unchanged. */
export interface ConfigSeen {
  path: string;
  sha256: string;
  /** `FileText.identity`; null where it was not told. */
  identity: string | null;
  /** Microseconds since boot. */
  seenUs: number;
}

const schema = "flintlock-fix/journal/v1";
/** A file of the host is read up to 4 MiB. */
const mostCharacters = 3 * 1024 * 1024;

/** Stands in a text where its own MicroVM is named. Texts are printable, so none holds it. */
const self = "\u0001";

/** Null where it would be too long to be read again. */
export function memoryText({ heard, ...memory }: JournalMemory): string | null {
  const texts = new Numbers();
  const names = new Numbers();
  const textOf = (excerpt: string, microvm: string | null): number => texts.of(microvm === null ? excerpt : excerpt.replaceAll(microvm, self));
  const packHit = ({ finding, signature, unit, microvm, monotonicUs, at, excerpt }: LogHit): unknown[] => [
    ...[finding, signature, unit, microvm].map((name) => (name === null ? null : names.of(name))),
    monotonicUs,
    at === "" ? null : Date.parse(at),
    textOf(excerpt, microvm),
  ];
  const packError = ({ unit, at, excerpt, microvm }: LogError): unknown[] => [
    ...[unit, microvm].map((name) => (name === null ? null : names.of(name))),
    at === "" ? null : Date.parse(at),
    textOf(excerpt, microvm),
  ];
  const { flintlockd, containerd } = heard.lastErrors;
  const packed = {
    ...heard,
    hits: heard.hits.map(packHit),
    lastErrors: { flintlockd: flintlockd.map(packError), containerd: containerd.map(packError) },
    lastWords: [...heard.lastWords.values()].map(packError),
  };
  const body = JSON.stringify({ ...memory, heard: packed, names: names.list, texts: texts.list });
  return body.length > mostCharacters ? null : `${JSON.stringify({ schema, check: checksum(body) })}\n${body}\n`;
}

class Numbers {
  readonly list: string[] = [];
  private readonly known = new Map<string, number>();

  of(text: string): number {
    const known = this.known.get(text);
    if (known !== undefined) return known;
    this.known.set(text, this.list.length);
    return this.list.push(text) - 1;
  }
}

/** Everything in it is checked: half a memory would be a false one. */
export function parseMemory(text: string): { memory: JournalMemory } | { damage: string } {
  const [head = "", body = "", end] = text.split("\n");
  try {
    const header: unknown = JSON.parse(head);
    if (!isFields(header) || header["schema"] !== schema) return { damage: `it does not begin with the schema ${schema}` };
    if (end !== "" || header["check"] !== checksum(body)) return { damage: "its checksum is wrong" };
    return { memory: memoryOf(fields(JSON.parse(body))) };
  } catch {
    return { damage: "it is not what it was written as" };
  }
}

function memoryOf(value: Fields): JournalMemory {
  const names = list(value["names"]).map(word);
  const texts = list(value["texts"]).map(word);
  const at = (index: unknown, of: readonly string[]): string => word(of[whole(index)]);
  const name = (index: unknown): string => at(index, names);
  const about = (index: unknown): string | null => (index === null ? null : name(index));
  const time = (ms: unknown): string => (ms === null ? "" : new Date(whole(ms)).toISOString());
  const excerpt = (index: unknown, microvm: string | null): string => (microvm === null ? at(index, texts) : at(index, texts).replaceAll(self, () => microvm));
  const hit = (item: unknown): LogHit => {
    const [finding, signature, unit, id, monotonicUs, ms, words] = list(item);
    const microvm = about(id);
    return {
      finding: name(finding) as FindingId,
      signature: name(signature),
      unit: name(unit),
      microvm,
      monotonicUs: whole(monotonicUs),
      at: time(ms),
      excerpt: excerpt(words, microvm),
    };
  };
  const error = (item: unknown): LogError => {
    const [unit, id, ms, words] = list(item);
    const microvm = about(id);
    return { unit: name(unit), at: time(ms), excerpt: excerpt(words, microvm), microvm };
  };
  const heard = fields(value["heard"]);
  const lastErrors = fields(heard["lastErrors"]);
  const spoken = fields(heard["spoken"]);
  const config = value["config"] === null ? null : fields(value["config"]);
  return {
    madeBy: word(value["madeBy"]),
    bootId: word(value["bootId"]),
    units: list(value["units"])
      .map(fields)
      .map((unit) => ({ name: word(unit["name"]), invocationId: word(unit["invocationId"]) })),
    cursor: cursor(value["cursor"]),
    heard: {
      hits: list(heard["hits"]).map(hit),
      overheard: list(heard["overheard"]).map(word) as FindingId[],
      notOurs: list(heard["notOurs"])
        .map(fields)
        .map(({ shape, count, example }) => ({ shape: word(shape), count: whole(count), example: word(example) })),
      lastErrors: { flintlockd: list(lastErrors["flintlockd"]).map(error), containerd: list(lastErrors["containerd"]).map(error) },
      lastWords: new Map(
        list(heard["lastWords"])
          .map(error)
          .map((each) => [word(each.microvm), each]),
      ),
      busySince: heard["busySince"] === null ? null : word(heard["busySince"]),
      spoken: { flintlockd: whole(spoken["flintlockd"]), containerd: whole(spoken["containerd"]) },
    },
    dropped: Object.fromEntries(Object.entries(fields(value["dropped"])).map(([unit, count]) => [unit, whole(count)])),
    cutAt: value["cutAt"] === null ? null : whole(value["cutAt"]),
    config: config && {
      path: word(config["path"]),
      sha256: word(config["sha256"]),
      identity: word(config["identity"] ?? "") || null,
      seenUs: whole(config["seenUs"]),
    },
  };
}

class Damaged extends Error {}

function checked<T>(value: unknown, is: (value: unknown) => value is T): T {
  if (!is(value)) throw new Damaged();
  return value;
}

const word = (value: unknown): string => checked(value, (text): text is string => typeof text === "string");
const whole = (value: unknown): number => checked(value, (number): number is number => Number.isSafeInteger(number) && Number(number) >= 0);
const list = (value: unknown): unknown[] => checked<unknown[]>(value, Array.isArray);
const fields = (value: unknown): Fields => checked(value, isFields);
/** sd-journal.c, sd_journal_get_cursor. It goes into an argument list. */
const cursor = (value: unknown): string => {
  const text = word(value);
  if (!/^(?:[a-z]=[0-9a-f]{1,32};?){3,10}$/.test(text)) throw new Damaged();
  return text;
};

/** FNV-1a, 32 bits. Against a disk and a hand that slipped; who can forge it can write to the state folder. */
function checksum(text: string): string {
  let hash = 0x811c9dc5;
  for (let at = 0; at < text.length; at += 1) hash = Math.imul(hash ^ text.charCodeAt(at), 0x01000193);
  return (hash >>> 0).toString(16).padStart(8, "0");
}
