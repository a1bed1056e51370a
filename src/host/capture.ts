/**
 * A captured host: the questions that were asked and what was answered, in one JSON file that a person can read. Long
 * texts are lists of lines. `fix capture` writes it, `--from` and the tests read it; nothing in it is ever executed.
 */

import { FixError, reasonOf } from "../errors.ts";
import { jsonFault } from "../facts/json-place.ts";
import { absent, keyOf, known, unknown, type Answer, type AnswerOf, type Inspector, type Question } from "./inspector.ts";

const schema = "flintlock-fix/capture/v1";

/** A value in a capture: strings of several lines are stored as `{ "lines": [...] }`. */
type Stored = Answer<unknown>;

export interface Capture {
  schema: typeof schema;
  madeBy: string;
  /** ISO 8601, UTC. */
  at: string;
  /** What was left out and why: a sick host, the size limit. */
  notes: string[];
  answers: { ask: Question; answer: Stored }[];
}

export interface Recorder extends Inspector {
  capture(): Capture["answers"];
}

/** Hands each question on and keeps the answer; `mask` sees every text before it is kept. */
export function recording(host: Inspector, mask: (text: string) => string): Recorder {
  const kept = new Map<string, { ask: Question; answer: Stored }>();
  return {
    async ask(question) {
      const answer = await host.ask(question);
      kept.set(keyOf(question), { ask: question, answer: masked(answer, mask) as Stored });
      return answer;
    },
    capture: () => [...kept.values()],
  };
}

function masked(value: unknown, mask: (text: string) => string): unknown {
  if (typeof value === "string") return mask(value);
  if (Array.isArray(value)) return value.map((item) => masked(item, mask));
  if (typeof value === "object" && value !== null) return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, masked(item, mask)]));
  return value;
}

export function captureText(capture: Capture): string {
  const lines = (key: string, value: unknown): unknown => {
    if (key === "lines" || typeof value !== "string" || !value.includes("\n")) return value;
    return { lines: value.split("\n") };
  };
  return `${JSON.stringify(capture, lines, 1)}\n`;
}

export function emptyCapture(madeBy: string, at: string): Capture {
  return { schema, madeBy, at, notes: [], answers: [] };
}

/** With these answers, up to so many bytes of JSON; what is left out, and what had no answer, is in the notes. */
export function bounded(capture: Capture, answers: Capture["answers"], maxBytes: number): Capture {
  const made = { ...capture, notes: [...capture.notes], answers: [...capture.answers] };
  let size = 0;
  for (const pair of answers) {
    const bytes = Buffer.byteLength(JSON.stringify(pair));
    if (size + bytes > maxBytes) {
      made.notes.push(`left out, the capture would be larger than ${maxBytes} bytes: ${JSON.stringify(pair.ask)}`);
      continue;
    }
    size += bytes;
    made.answers.push(pair);
    if (pair.answer.kind === "unknown") made.notes.push(`no answer: ${JSON.stringify(pair.ask)}: ${pair.answer.why}`);
  }
  return made;
}

/** Answers from a capture. What was not asked when it was made is `unknown`, and said so. */
export class CapturedHost implements Inspector {
  private readonly answers = new Map<string, Stored>();

  constructor(capture: Capture) {
    for (const { ask, answer } of capture.answers) this.answers.set(keyOf(ask), answer);
  }

  ask<Q extends Question>(question: Q): Promise<Answer<AnswerOf[Q["ask"]]>> {
    const answer = this.answers.get(keyOf(question)) ?? unknown("the capture holds no answer to this");
    return Promise.resolve(answer as Answer<AnswerOf[Q["ask"]]>);
  }
}

const makeAnother = "make a new one on the host with: fix capture -o FILE";

/** Checks everything that is relied on later; `name` is the file's, for the message. */
export function parseCapture(text: string, name: string): Capture {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw new FixError("BAD_CAPTURE", `${name}${placeOf(text)}: not a capture, or a damaged one: ${reasonOf(error)}`, makeAnother, 1, { cause: error });
  }
  const bad = (where: string, what: string): FixError => new FixError("BAD_CAPTURE", `${name}: ${where}: ${what}`, makeAnother);
  if (!isObject(value)) throw bad("top level", "not an object");
  if (value["schema"] !== schema) throw bad("schema", `is ${shown(value["schema"])}, expected "${schema}"`);
  const list = value["answers"];
  if (!Array.isArray(list)) throw bad("answers", "not a list");
  const answers = list.map((item: unknown, index) => {
    const where = `answers[${String(index)}]`;
    if (!isObject(item) || !isObject(item["ask"]) || !isObject(item["answer"])) throw bad(where, 'expected { "ask": …, "answer": … }');
    return { ask: questionFrom(item["ask"], `${where}.ask`, bad), answer: answerFrom(item["ask"], item["answer"], `${where}.answer`, bad) };
  });
  return {
    schema,
    madeBy: word(value["madeBy"]),
    at: word(value["at"]),
    notes: Array.isArray(value["notes"]) ? value["notes"].map(String) : [],
    answers,
  };
}

type Bad = (where: string, what: string) => FixError;
type Fields = Record<string, unknown>;

const isObject = (value: unknown): value is Fields => typeof value === "object" && value !== null && !Array.isArray(value);

const word = (value: unknown): string => (typeof value === "string" ? value : "");
const shown = (value: unknown): string => (value === undefined ? "missing" : JSON.stringify(value));

/** `:LINE:COLUMN`, of what is no JSON. */
function placeOf(text: string): string {
  const fault = jsonFault(text);
  return fault === null ? "" : `:${fault.line}:${fault.column}`;
}

const pathQuestions = new Set(["file", "directory", "status", "link", "space", "blank", "bytes", "bolt"]);

function questionFrom(fields: Fields, where: string, bad: Bad): Question {
  const kind = fields["ask"];
  if (kind === "clock") return { ask: "clock" };
  if (kind === "command") {
    const argv = fields["argv"];
    if (!Array.isArray(argv) || !argv.every((word) => typeof word === "string")) throw bad(`${where}.argv`, "not a list of strings");
    return { ask: "command", argv };
  }
  if (typeof kind !== "string" || !pathQuestions.has(kind)) throw bad(`${where}.ask`, `unknown question ${JSON.stringify(kind)}`);
  if (typeof fields["path"] !== "string") throw bad(`${where}.path`, "not a string");
  return fields as unknown as Question;
}

function answerFrom(ask: Fields, fields: Fields, where: string, bad: Bad): Stored {
  if (fields["kind"] === "absent") return absent(word(fields["why"]));
  if (fields["kind"] === "unknown") return unknown(word(fields["why"]));
  if (fields["kind"] !== "known") throw bad(`${where}.kind`, `is ${shown(fields["kind"])}, expected known, absent or unknown`);
  const value = joined(fields["value"]);
  const shape = shapes[String(ask["ask"]) as Question["ask"]];
  if (
    shape === "string"
      ? typeof value !== "string"
      : shape === "strings"
        ? !Array.isArray(value) || !value.every((item) => typeof item === "string")
        : !hasShape(value, shape)
  )
    throw bad(`${where}.value`, `is not what ${String(ask["ask"])} answers`);
  return known(value, word(fields["at"]));
}

/** The fields that every reader relies on, with their types. */
const shapes: Record<Question["ask"], "string" | "strings" | Record<string, string>> = {
  file: { text: "string", utf8: "boolean", sha256: "string", mode: "number", uid: "number", gid: "number", size: "number", mtimeMs: "number" },
  directory: "strings",
  status: {
    type: "string",
    mode: "number",
    uid: "number",
    gid: "number",
    size: "number",
    allocated: "number",
    mtimeMs: "number",
    device: "string",
    inode: "number",
  },
  link: "string",
  space: { free: "number", total: "number" },
  blank: { firstMiBZero: "boolean", lastMiBZero: "boolean", size: "number" },
  bytes: "string",
  bolt: { count: "number", entries: "object" },
  command: { stdout: "string", stderr: "string", truncated: "boolean" },
  clock: { nowMs: "number", monotonicUs: "number", bootId: "string", hostName: "string", kernel: "string", uid: "number" },
};

function hasShape(value: unknown, shape: Record<string, string>): boolean {
  return isObject(value) && Object.entries(shape).every(([key, type]) => typeof value[key] === type && (!key.endsWith("Ms") || isDate(value[key])));
}

/** A time that a Date can hold (ECMA-262). */
const isDate = (value: unknown): boolean => Math.abs(Number(value)) <= 8.64e15;

/** Turns each `{ "lines": [...] }` back into the text, in place: the value was parsed for this alone, and may be large. */
function joined(value: unknown): unknown {
  if (Array.isArray(value)) {
    for (const [index, item] of value.entries()) value[index] = joined(item);
    return value;
  }
  if (!isObject(value)) return value;
  const lines = value["lines"];
  if (Array.isArray(lines) && Object.keys(value).length === 1) return lines.map(String).join("\n");
  for (const key of Object.keys(value)) value[key] = joined(value[key]);
  return value;
}
