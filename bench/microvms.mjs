// A captured host with as many MicroVMs as one likes, every tenth of them failing: copies of one that runs in the healthy sample.
import { readFileSync } from "node:fs";

const uidOf = (number) => `01M87TTSS8${String(number).padStart(16, "0")}`;
const tapOf = (number) => `fltap${number.toString(16).padStart(7, "0")}`;
const digestOf = (number) => number.toString(16).padStart(64, "0");

/** A text as a capture keeps it: one of several lines is a list of them. */
export const text = (value) => (typeof value === "string" ? value : value.lines.join("\n"));

/** The capture as text. */
export function captureOf(sample, count) {
  const capture = JSON.parse(readFileSync(sample, "utf8"));
  const { answers } = capture;
  const command = (word) => answers.find(({ ask }) => ask.argv?.join(" ").includes(word)).answer.value;
  const pidFile = answers.find(({ ask }) => ask.ask === "file" && ask.path.endsWith("/firecracker.pid"));
  const [, uid] = /\/ns1\/a\/([0-9A-Z]{26})\//.exec(pidFile.ask.path);
  const pid = pidFile.answer.value.text.trim();
  const record = answers.find(({ ask, answer }) => ask.path?.includes("/blobs/sha256/") && answer.value.text.includes(uid));
  const digest = record.ask.path.split("/").at(-1);
  const tap = /fltap[0-9a-f]+/.exec(record.answer.value.text)[0];
  const rows = text(command("content ls").stdout);
  const row = rows.split("\n").find((line) => line.includes(digest));
  const own = JSON.stringify(answers.filter(({ ask }) => new RegExp(`${uid}|${digest}|${tap}|/proc/${pid}/`).test(JSON.stringify(ask))));
  const { bootId, monotonicUs, nowMs } = answers.find(({ ask }) => ask.ask === "clock").answer.value;
  const added = { rows: [], links: [], lines: [] };
  // A bridge's folder names its ports.
  const bridge = answers.find(({ ask }) => ask.ask === "directory" && ask.path === "/sys/class/net/br0").answer.value;
  for (let number = 1; number < count; number += 1) {
    const named = (old) =>
      old
        .replaceAll(uid, uidOf(number))
        .replaceAll("ns1/a/", `ns1/v${number}/`)
        .replaceAll("name=a", `name=v${number}`)
        .replaceAll(digest, digestOf(number))
        .replaceAll(tap, tapOf(number))
        .replaceAll(pid, String(100_000 + number));
    const copies = JSON.parse(named(own));
    if (number % 10 === 0) fail(copies, nowMs);
    answers.push(...copies);
    added.rows.push(named(row));
    added.links.push(tapOf(number));
    bridge.push(`lower_${tapOf(number)}`);
    if (number % 10 === 0)
      added.lines.push(
        `failed to reconcile vmid ns1/v${number}/${uidOf(number)}: executing plan: executing plan steps: executing steps: executing step network_iface_create: creating network interface: operation not supported`,
      );
  }
  command("content ls").stdout = `${rows.trimEnd()}\n${added.rows.join("\n")}\n`;
  answers.find(({ ask }) => ask.ask === "directory" && ask.path === "/sys/class/net").answer.value.push(...added.links);
  const journal = command("--output=json");
  const block = text(command("systemctl show").stdout)
    .split("\n\n")
    .find((part) => part.includes("Id=flintlockd.service"));
  const entry = {
    __MONOTONIC_TIMESTAMP: String(monotonicUs - 1_000_000),
    __REALTIME_TIMESTAMP: String(nowMs * 1000 - 1_000_000),
    _BOOT_ID: bootId,
    _SYSTEMD_UNIT: "flintlockd.service",
    _SYSTEMD_INVOCATION_ID: /InvocationID=([0-9a-f]{32})/.exec(block)[1],
    _UID: "0",
    _TRANSPORT: "stdout",
  };
  journal.stdout = added.lines
    .map((msg) => JSON.stringify({ ...entry, MESSAGE: `time="2026-11-24T21:19:12Z" level=error msg="${msg}" component=app` }))
    .join("\n");
  return JSON.stringify(capture);
}

/** It has failed three times and will be tried again; its hypervisor is gone. */
function fail(copies, nowMs) {
  for (const { ask, answer } of copies) {
    if (ask.path.includes("/blobs/")) {
      const record = JSON.parse(answer.value.text);
      Object.assign(record.status, { state: "failed", retry: 3, not_before: Math.floor(nowMs / 1000) + 30 });
      answer.value.text = JSON.stringify(record);
    }
    if (ask.path.startsWith("/proc/") || ask.path.endsWith(".pid")) {
      for (const key of Object.keys(answer)) delete answer[key];
      Object.assign(answer, { kind: "absent", why: `${ask.path} does not exist` });
    }
  }
}
