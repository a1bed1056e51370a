/** A host made of a few files and commands, for what no recording shows. Everything else on it is absent. */

import { createHash } from "node:crypto";
import {
  absent,
  known,
  unknown,
  type Answer,
  type AnswerOf,
  type CommandResult,
  type FileStatus,
  type FileText,
  type Inspector,
  type Question,
} from "../../src/host/inspector.ts";

export interface FakeHost {
  /** Path → text. Folders follow from the paths. */
  files?: Record<string, string>;
  /** Path → target. */
  links?: Record<string, string>;
  /** First words of the argv → stdout, or what else. The longest that fits counts; a list is answered one after the other. */
  commands?: Record<string, string | Partial<CommandResult> | string[]>;
  /** Paths that cannot be read, and why. */
  unreadable?: Record<string, string>;
  clock?: Partial<AnswerOf["clock"]>;
  /** Path → milliseconds since the epoch, of a file that was not changed an hour ago. */
  mtimes?: Record<string, number>;
}

const at = "2026-11-24T21:00:00.000Z";

export function fakeHost({ files = {}, links = {}, commands = {}, unreadable = {}, clock = {}, mtimes = {} }: FakeHost): Inspector & { asked: Question[] } {
  const asked: Question[] = [];
  const paths = [...Object.keys(files), ...Object.keys(links), ...Object.keys(unreadable)];
  const isFolder = (path: string): boolean => path === "/" || paths.some((other) => other.startsWith(`${path}/`));
  const answered = new Map<string, number>();
  const answer = (question: Question): Answer<unknown> => {
    asked.push(question);
    if ("path" in question && question.ask !== "status" && unreadable[question.path] !== undefined) return unknown(unreadable[question.path] ?? "");
    switch (question.ask) {
      case "file": {
        const text = files[question.path];
        return text === undefined
          ? absent(`${question.path} does not exist`)
          : known({ ...fileOf(text), ...(mtimes[question.path] === undefined ? {} : { mtimeMs: mtimes[question.path] }) }, at);
      }
      case "directory":
        return isFolder(question.path) ? known(childrenOf(question.path, paths), at) : absent(`${question.path} does not exist`);
      case "status": {
        const type = links[question.path] !== undefined ? "link" : files[question.path] !== undefined ? "file" : isFolder(question.path) ? "directory" : null;
        return type === null
          ? absent(`${question.path} does not exist`)
          : known(
              {
                ...statusOf(type),
                ...(files[question.path] === undefined ? {} : { size: Buffer.byteLength(files[question.path] ?? "") }),
                ...(mtimes[question.path] === undefined ? {} : { mtimeMs: mtimes[question.path] }),
              },
              at,
            );
      }
      case "bytes": {
        const text = files[question.path];
        return text === undefined
          ? absent(`${question.path} does not exist`)
          : known(
              Buffer.from(text)
                .subarray(question.offset, question.offset + question.length)
                .toString("base64"),
              at,
            );
      }
      case "link":
        return links[question.path] === undefined ? absent(`${question.path} does not exist`) : known(links[question.path], at);
      case "command": {
        const line = question.argv.join(" ");
        const key = Object.keys(commands)
          .filter((words) => line.startsWith(words))
          .sort((a, b) => b.length - a.length)[0];
        if (key === undefined) return absent(`${question.argv[0] ?? ""} is not installed`);
        const told = commands[key];
        const turn = answered.get(key) ?? 0;
        answered.set(key, turn + 1);
        const one = Array.isArray(told) ? (told[Math.min(turn, told.length - 1)] ?? "") : (told ?? "");
        return known({ status: 0, signal: null, stdout: "", stderr: "", truncated: false, ...(typeof one === "string" ? { stdout: one } : one) }, at);
      }
      case "clock":
        return known({ nowMs: Date.parse(at), monotonicUs: 1000e6, bootId: "b".repeat(32), hostName: "flhost", kernel: "6.1.0", uid: 0, ...clock }, at);
      default:
        return unknown("not on this host");
    }
  };
  return {
    asked,
    ask<Q extends Question>(question: Q): Promise<Answer<AnswerOf[Q["ask"]]>> {
      return Promise.resolve(answer(question) as Answer<AnswerOf[Q["ask"]]>);
    },
  };
}

const childrenOf = (folder: string, paths: readonly string[]): string[] => {
  const prefix = folder === "/" ? "/" : `${folder}/`;
  return [...new Set(paths.flatMap((path) => (path.startsWith(prefix) ? (path.slice(prefix.length).split("/")[0] ?? []) : [])))].sort();
};

export const fileOf = (text: string): FileText => ({
  text,
  utf8: !text.includes("\uFFFD"),
  sha256: createHash("sha256").update(text).digest("hex"),
  mode: 0o644,
  uid: 0,
  gid: 0,
  size: Buffer.byteLength(text),
  mtimeMs: Date.parse(at) - 3_600_000,
});

export const statusOf = (type: FileStatus["type"]): FileStatus => ({
  type,
  mode: 0o755,
  uid: 0,
  gid: 0,
  size: 0,
  allocated: 0,
  mtimeMs: 0,
  device: "98:0",
  inode: 1,
});
