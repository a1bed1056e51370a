/** A captured host with what a glance asks beside it: told from the very answers that the capture holds to the longer questions. */

import { parseLoops, type LoopDevice } from "../../src/facts/loop.ts";
import { CapturedHost, type Capture } from "../../src/host/capture.ts";
import { absent, known, type Answer, type CommandResult, type FileText, type Inspector, type Question } from "../../src/host/inspector.ts";
import { fileOf, statusOf } from "./fake-host.ts";

const blob = /\/blobs\/sha256\/[0-9a-f]{64}$/;
const loopFile = /^\/sys\/block\/(loop\d+)\/(loop\/backing_file|loop\/offset|loop\/sizelimit|ro)$/;

export function glanced(capture: Capture): Inspector & { asked: Question[] } {
  const captured = new CapturedHost(capture);
  const asked: Question[] = [];
  const blobs = new Map<string, string>();
  let loops: LoopDevice[] = [];
  for (const { ask, answer } of capture.answers) {
    if (answer.kind !== "known") continue;
    if (ask.ask === "file" && blob.test(ask.path)) blobs.set(ask.path, (answer.value as FileText).text);
    if (ask.ask === "command" && ask.argv[0] === "losetup") loops = parseLoops((answer.value as CommandResult).stdout) ?? [];
  }
  const derived = (question: Question): Answer<unknown> | null => {
    if (!("path" in question)) return null;
    const { path } = question;
    const [, loop, what] = loopFile.exec(path) ?? [];
    const device = loops.find((one) => one.path === `/dev/${loop ?? ""}`);
    if (question.ask === "file" && loop !== undefined) {
      if (device === undefined) return absent("free");
      const { backFile, deleted, offset, sizeLimit, readOnly } = device;
      const told: Record<string, string | number> = {
        "loop/backing_file": `${backFile}${deleted ? " (deleted)" : ""}`,
        "loop/offset": offset,
        "loop/sizelimit": sizeLimit,
      };
      return known(fileOf(`${String(told[what ?? ""] ?? Number(readOnly))}\n`));
    }
    const behind = loops.find(({ backFile, deleted }) => backFile === path && !deleted);
    const text = blobs.get(path);
    if (question.ask === "status" && (text !== undefined || behind))
      return known({ ...statusOf("file"), size: text?.length ?? 0, ...(behind && { device: behind.device, inode: behind.inode }) });
    if (question.ask === "bytes" && text !== undefined)
      return known(
        Buffer.from(text)
          .subarray(question.offset, question.offset + question.length)
          .toString("base64"),
      );
    if (question.ask === "directory" && path.endsWith("/blobs/sha256") && blobs.size > 0)
      return known([...blobs.keys()].map((name) => name.slice(path.length + 1)).sort());
    return null;
  };
  return {
    asked,
    ask: async (question) => {
      asked.push(question);
      const answer = await captured.ask(question);
      const missing = answer.kind === "unknown" && answer.why.startsWith("the capture holds no answer");
      return missing ? ((derived(question) ?? answer) as typeof answer) : answer;
    },
  };
}
