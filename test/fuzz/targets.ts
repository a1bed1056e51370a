/** What is fuzzed: each reader of text from outside, what it may be fed to begin with, and what must hold of what comes out. */

import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { catalogue } from "../../src/catalogue.generated.ts";
import { testLog } from "../../src/log-test.ts";
import { readBolt } from "../../src/facts/bolt.ts";
import { flagsOf, importsOf, readContainerdConfig } from "../../src/facts/containerd-config.ts";
import { newestRows, parseContentList } from "../../src/facts/content-store.ts";
import { parseInfo, parsePoolStatus, parsePoolTable } from "../../src/facts/device-mapper.ts";
import { parseBlockDevices, parseSignatures, swapDevices } from "../../src/facts/disk.ts";
import { durationMs, fileSetting, flintlockdDefaults } from "../../src/facts/flintlockd-config.ts";
import { runsOf } from "../../src/facts/history.ts";
import { parseHypervisorVersion } from "../../src/facts/hypervisor.ts";
import { parseMemory } from "../../src/facts/journal-memory.ts";
import { parseJournal, timeOf } from "../../src/facts/journal.ts";
import { builtinModules } from "../../src/facts/kernel-modules.ts";
import { lastWords, wordsIn } from "../../src/facts/last-words.ts";
import { lastDoneUs, lastSuccessUs, parseLedger, restartedForMicrovms, stoppedByUs } from "../../src/facts/ledger.ts";
import { parseUevent } from "../../src/facts/links.ts";
import { listen } from "../../src/facts/listen.ts";
import { findingsOf, type SpokenLine } from "../../src/facts/log-evidence.ts";
import { parseLoops } from "../../src/facts/loop.ts";
import { namesOf, parseActivation, parseReport, parseSystemId } from "../../src/facts/lvm.ts";
import { parseRecord } from "../../src/facts/microvm-record.ts";
import { kernelParameterModules, modulesToLoad, parseModprobeConfig, parseModprobeDryRun } from "../../src/facts/modprobe.ts";
import { fstabPoints, mountPoints, mountUnits } from "../../src/facts/mounts.ts";
import { interfacesDefinitions, keyfileDefinitions, netdevDefinitions } from "../../src/facts/network-definitions.ts";
import { modulesPackage, parseOsRelease } from "../../src/facts/os-release.ts";
import { parsePlugins, pluginErrors } from "../../src/facts/plugins.ts";
import { isHypervisorOf, parseCmdline, parsePid, parseStat } from "../../src/facts/process.ts";
import { bestFirst, parseIpv4Routes, parseIpv6Routes } from "../../src/facts/routes.ts";
import { matcherOf } from "../../src/facts/signatures.ts";
import { listeners, localIpv4, localIpv6, parseEndpoint } from "../../src/facts/sockets.ts";
import { stallWords } from "../../src/facts/stall-words.ts";
import { parseSuperblock } from "../../src/facts/thin-superblock.ts";
import { parseToml } from "../../src/facts/toml.ts";
import { assignments, expand, listSetting, parseEnvironmentFile, parseUnitFile, words } from "../../src/facts/unit-file.ts";
import { parseUnits, timespanUs } from "../../src/facts/unit.ts";
import { parseMapping, setKey } from "../../src/facts/mapping.ts";
import { parseLastRuns } from "../../src/heal/last-run.ts";
import { parsePause } from "../../src/heal/pause.ts";
import { parseState } from "../../src/heal/state.ts";
import { significance } from "../../src/heal/watch/significance.ts";
import { CapturedHost, parseCapture } from "../../src/host/capture.ts";
import { parsePlan, staleness } from "../../src/plan-file.ts";
import { parsePolicy } from "../../src/policy-file.ts";
import { defaultPolicy } from "../../src/policy.ts";
import { dryRun, signaturesOf } from "../../src/run.ts";
import { maskSecrets } from "../../src/secrets.ts";
import { nowhere } from "../../src/spec/host-ability.ts";
import { assemble } from "../../src/spec/assemble.ts";
import { readSource } from "../../src/spec/source.ts";
import { specText } from "../../src/spec/text.ts";
import { nagios } from "../../src/views/nagios.ts";
import { npd } from "../../src/views/npd.ts";
import { text as textView } from "../../src/views/text.ts";

export interface Target {
  name: string;
  /** Folders and files of the repository whose files it is fed first. */
  from: readonly string[];
  /** A FixError is an answer. */
  mayRefuse: boolean;
  /** Bytes of the longest input: a slow reader is tried more often with short ones. */
  most: number;
  /** What it says to a terminal: it is checked for raw control characters. */
  run: (bytes: Uint8Array) => Promise<readonly string[]>;
}

const signatures = signaturesOf(catalogue);
const matcher = matcherOf(signatures);
const ids = catalogue.map(({ id }) => id);
const bootId = "b1537320721741d0aa3923e0a8e5e59f";

const decoder = new TextDecoder("utf-8", { fatal: false });

type Said = readonly string[] | undefined | Promise<readonly string[] | undefined>;

function target(name: string, from: readonly string[], run: (text: string, bytes: Uint8Array) => Said, mayRefuse = false): Target {
  return { name, from, mayRefuse, most: most[name] ?? 32 * 1024, run: async (bytes) => (await run(decoder.decode(bytes), bytes)) ?? [] };
}

const most: Readonly<Record<string, number>> = { capture: 256 * 1024, policy: 3_000, spec: 6_000, yaml: 3_000 };

const logs = ["test/corpus", "test/fixtures/evidence", "test/fixtures/services"];
/** The answers of recorded hosts, each a file; the coverage tells which of them a reader has a use for. */
const answers = ["samples", "test/fixtures/storage", "test/fixtures/services", "test/fixtures/network"];

/** What a planted secret stands in, where it has to be told. */
const plants: readonly ((secret: string) => string)[] = [
  (secret) => `basic-auth-token: ${secret}`,
  (secret) => `basic-auth-token: "${secret}"`,
  (secret) => `basic-auth-token: '${secret}'`,
  (secret) => `--basic-auth-token ${secret}`,
  (secret) => `--basic-auth-token=${secret}`,
  (secret) => `https_proxy=http://user:${secret}@proxy:3128`,
  (secret) => `Authorization: Basic ${secret}`,
  (secret) => `{"password":"${secret}"}`,
  (secret) => `-----BEGIN PRIVATE KEY-----\n${secret}\n-----END PRIVATE KEY-----`,
];
const planted = "hunter2-S3cr3t";

export const targets: readonly Target[] = [
  target("log-text", logs, (_text, bytes) => {
    if (bytes[0] !== 0x1f) testLog(bytes, signatures, "x");
  }),
  target("journal", logs, (text) => {
    const { entries } = parseJournal(text);
    const lines = [...entries.map((entry) => ({ at: timeOf(entry), message: entry.message })), ...text.split("\n").map((message) => ({ at: "", message }))];
    const spoken = lines.map(({ at, message }, index): SpokenLine => ({
      unit: index % 2 === 0 ? "flintlockd" : "containerd",
      unitName: "x.service",
      monotonicUs: index,
      at,
      message,
    }));
    const { hits, notOurs, lastErrors } = listen(spoken, matcher);
    findingsOf(hits);
    stallWords(lines.map(({ message }) => message));
    lastWords(wordsIn(text));
    for (const line of text.split("\n").slice(0, 50)) significance(line, { flintlockd: "flintlockd.service", containerd: ["containerd.service"] }, matcher);
    return [...hits, ...lastErrors.flintlockd, ...lastErrors.containerd]
      .map(({ excerpt }) => excerpt)
      .concat(notOurs.flatMap(({ shape, example }) => [shape, example]));
  }),
  target(
    "capture",
    ["samples", "test/captures"],
    async (text) => {
      const capture = parseCapture(text, "x");
      const { report, look } = await dryRun({ catalogue, policy: defaultPolicy, host: () => new CapturedHost(capture) });
      const { log, unobservable } = look;
      return [
        textView(report, { color: false, width: 0, verbose: true, from: null, log, unobservable }),
        nagios(report, look.pool ?? null).line,
        npd(report).line,
      ];
    },
    true,
  ),
  target(
    "policy",
    ["share", "test/fixtures/services", "test/fuzz/start/policy"],
    (text) => {
      parsePolicy(text, "x", ids);
    },
    true,
  ),
  target(
    "plan",
    ["test/fuzz/start/plan"],
    (text) => {
      staleness(parsePlan(text, "x", ["tap-detached"]), { name: "flhost", bootId }, []);
    },
    true,
  ),
  target(
    "spec",
    ["test/fixtures/spec"],
    (text) => {
      const ability = nowhere("this host", "there is no flintlock here", { bridgeName: null, parentIface: null });
      const ask = { type: "tap" as const, bridge: null, interfaces: [], rename: null };
      return (["check", "patch"] as const).map((mode) =>
        specText(assemble([readSource("x", text)], { mode, ask, fixTabs: mode === "patch" }, ability).report, false),
      );
    },
    true,
  ),
  target("yaml", answers, (text) => {
    const parsed = parseMapping(text);
    if (!("entries" in parsed)) return;
    for (const flag of Object.keys(flintlockdDefaults)) fileSetting(parsed.entries, flag);
    setKey(text, "bridge-name", "br0");
  }),
  target("toml", answers, (text) => {
    const parsed = parseToml(text);
    if (!("table" in parsed)) return;
    importsOf("/etc/containerd/config.toml", parsed.table);
    for (const generation of [1, 2] as const) readContainerdConfig([{ path: "x", text, table: parsed.table }], flagsOf([]), generation);
  }),
  target("state-folder", ["test/fuzz/start/state"], (text) => {
    parseMemory(text);
    const { lines } = parseLedger(text);
    runsOf(lines);
    stoppedByUs(lines, bootId);
    lastSuccessUs(lines, bootId);
    restartedForMicrovms(lines, bootId);
    lastDoneUs(lines, bootId, "load-macvlan");
    parseState(text);
    parsePause(text, 1_795_555_159_109);
    parseLastRuns(text);
  }),
  target("units", answers, (text) => {
    parseUnits(text);
    const settings = parseUnitFile("x", text);
    listSetting(settings, "Service", "Environment");
    const environment = assignments(words(text.slice(0, 4_000)));
    parseEnvironmentFile("x", text);
    expand(words(text.slice(0, 4_000)), environment);
    timespanUs(text.slice(0, 100));
    mountUnits(text);
  }),
  target("storage", answers, (text, bytes) => {
    parsePoolStatus(text);
    parsePoolTable(text);
    parseInfo(text);
    parseLoops(text);
    parseBlockDevices(text);
    parseSignatures(text);
    swapDevices(text);
    for (const kind of ["vg", "pv", "lv"] as const) parseReport(text, kind);
    parseActivation(text);
    parseSystemId(text);
    namesOf(text.slice(0, 300));
    parseSuperblock(Buffer.from(bytes).toString("base64"));
    mountPoints(text);
    fstabPoints(text);
    parsePlugins(text);
    pluginErrors(text);
    for (const bucket of [
      ["v1", "snapshots"],
      ["v1", "*", "snapshots", "devmapper"],
    ])
      readBolt((offset, length) => bytes.subarray(offset, offset + length), bytes.length, bucket);
  }),
  target("records", [...answers, "test/fixtures/evidence/blobs"], (text) => {
    const list = parseContentList(text);
    if ("rows" in list) newestRows(list.rows);
    parseRecord(text, "x");
  }),
  target("network", answers, (text) => {
    parseUevent(text);
    builtinModules(text);
    parseModprobeConfig("x", text);
    parseModprobeDryRun({ status: 0, stdout: text, stderr: text });
    kernelParameterModules(text, "modprobe.blacklist");
    modulesToLoad(text);
    netdevDefinitions("x", text);
    keyfileDefinitions("x", text);
    interfacesDefinitions("x", text);
    bestFirst([...parseIpv4Routes(text), ...parseIpv6Routes(text)]);
    listeners(text);
    localIpv4(text);
    localIpv6(text);
    parseEndpoint(text.slice(0, 1_000));
    durationMs(text.slice(0, 100));
    modulesPackage(parseOsRelease(text), "6.1.0-28-amd64");
    parseHypervisorVersion(text);
    parseStat(text);
    parsePid(text);
    isHypervisorOf(parseCmdline(text), { uid: "01M87PFJXRRW02WDHE4H45FEA6", folder: "/x" });
  }),
  target("secrets", [...logs, "test/fixtures/spec"], (text) => {
    const masked = maskSecrets(text);
    if (maskSecrets(masked).length > 2 * masked.length + 1_000) throw new Error("masking twice makes more of it");
    for (const plant of plants) if (maskSecrets(`${text.slice(-2_000)}\n${plant(planted)}\n`).includes(planted)) throw new Error(`not masked: ${plant("…")}`);
  }),
];

const mostSeedBytes = 16 * 1024;

/** Every file below, and the answers that a capture holds one by one. */
export function seedsOf({ from, name, most: length }: Target, root: string): Uint8Array[] {
  const files = from.flatMap((path) => filesBelow(join(root, path)));
  const seeds = files.map((file) => Uint8Array.from(readFileSync(file)));
  if (name === "capture") return seeds;
  const texts = seeds.flatMap((seed) => [...answersIn(seed), seed]);
  // Small ones are tried more often in the same time; what a long one has, its beginning mostly has.
  return [
    ...new Map(texts.map((text) => text.subarray(0, Math.min(length, mostSeedBytes))).map((text) => [Buffer.from(text).toString("latin1"), text])).values(),
  ];
}

function filesBelow(path: string): string[] {
  try {
    return readdirSync(path, { withFileTypes: true, recursive: true }).flatMap((entry) => (entry.isFile() ? [join(entry.parentPath, entry.name)] : []));
  } catch {
    return [];
  }
}

function answersIn(seed: Uint8Array): Uint8Array[] {
  try {
    return parseCapture(decoder.decode(seed), "x").answers.flatMap(({ answer }) => {
      const value: unknown = answer.kind === "known" ? answer.value : null;
      const text =
        typeof value === "string"
          ? value
          : typeof value === "object" && value !== null
            ? Object.values(value as Record<string, unknown>).find((item) => typeof item === "string" && item.length > 8)
            : "";
      return typeof text === "string" && text !== "" ? [new TextEncoder().encode(text)] : [];
    });
  } catch {
    return [];
  }
}
