// A million lines of journal text, one in a thousand a fault, against tools that match the same patterns.
import { execFileSync, spawnSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { pair } from "./pair.mjs";

const lines = Number(process.env.BENCH_LINES ?? 1_000_000);
const has = (program) => spawnSync("sh", ["-c", `command -v ${program}`]).status === 0;

/** The rows to measure; the log lies in `folder` then. */
export function linesAgainst(fix, folder) {
  const log = join(folder, "journal.log");
  const patterns = JSON.parse(execFileSync(fix[0], [fix[1], "explain", "--json"], { encoding: "utf8" })).flatMap(({ signatures }) =>
    signatures.map(({ pattern }) => pattern),
  );
  writeFileSync(log, journalText(lines));
  const own = { argv: [...fix, "explain", "--test", log, "--json"] };
  const name = `all signatures over ${lines} lines`;
  return [
    { name, against: "fail2ban-regex (a 50th of the lines, times 50)", bar: 1 / 50, make: () => againstFail2ban(own, folder, patterns) },
    { name, against: "ripgrep, the same patterns", bar: 2, make: () => againstRipgrep(own, log, patterns) },
  ];
}

function againstFail2ban(own, folder, patterns) {
  if (!has("fail2ban-regex")) throw new Error("fail2ban-regex is not installed (package fail2ban)");
  const part = join(folder, "part.log");
  writeFileSync(part, journalText(lines / 50));
  const filter = join(folder, "filter.conf");
  writeFileSync(filter, `[Definition]\nfailregex = ${patterns.map((pattern) => `^.*(?i:${pattern.replaceAll("%", "%%")}).*<HOST>?`).join("\n            ")}\n`);
  const { a, b, unit, runs } = pair(own, { argv: ["fail2ban-regex", part, filter], statuses: [0, 1] }, 3);
  return { a, b: b * 50, ratio: a / (b * 50), unit, runs };
}

function againstRipgrep(own, log, patterns) {
  if (!has("rg")) throw new Error("rg is not installed (package ripgrep)");
  return pair(own, { argv: ["rg", "--pcre2", "--count", "--ignore-case", ...patterns.flatMap((pattern) => ["-e", pattern]), log] }, 5);
}

function journalText(count) {
  const at = 'Nov 24 21:19:12 flhost flintlockd[812]: time="2026-11-24T21:19:12Z" level=';
  const usual = `${at}info msg="Starting reconciliation" action=microvm_create_update component=app controller=microvm vmid=ns1/a/01M87PFJXRRW02WDHE4H45FEA6`;
  const fault = `${at}error msg="failed to reconcile vmid ns1/a/01M87PFJXRRW02WDHE4H45FEA6: executing plan: executing plan steps: executing steps: executing step runtime_volume_mount: mount images localhost:5000/k:1 for volume use: checking if image localhost:5000/k:1 has been unpacked with snapshotter devmapper: snapshotter not loaded: devmapper: invalid argument" component=app controller=microvm`;
  return `${Array.from({ length: count }, (_, index) => (index % 1000 === 0 ? fault : usual)).join("\n")}\n`;
}
