/** containerd's configuration, as the unit's ExecStart names it. */

import {
  clean,
  defaultConfigPath,
  flagsOf,
  generationOf,
  importsOf,
  matches,
  readContainerdConfig,
  type ConfigDocument,
  type ContainerdConfig,
  type ContainerdFlags,
  type Generation,
} from "../facts/containerd-config.ts";
import { parseToml } from "../facts/toml.ts";
import { isThere } from "../facts/unit.ts";
import { absent, known, unknown, valueOf, type Answer } from "../host/inspector.ts";
import type { Survey } from "./survey.ts";
import { unitCommand } from "./unit-command.ts";

export interface Containerd {
  configPath: string;
  /** Line of `pool_name`, from 1; null where it is not set, or its line could not be told. */
  poolLine: number | null;
  /** `PATH:LINE` of `pool_name`; `configPath` where it is not set. */
  poolWhere: string;
  /** Device-mapper name; null where the devmapper snapshotter is not configured at all. */
  poolName: string | null;
  /** The snapshotter's `root_path`: metadata.db and, on a dev host, `data` and `metadata` are there. */
  rootPath: string | null;
  root: string;
  state: string;
  address: string;
  /** The snapshotter is in `disabled_plugins`. */
  disabled: boolean;
  replaced: ContainerdConfig["replaced"];
}

/** `absent`: the file that the unit names does not exist. A file that does not parse is `unknown`, with line and column. */
export async function containerd(survey: Survey): Promise<Answer<Containerd>> {
  const [layout, units] = await Promise.all([survey.layout(), survey.units()]);
  if (layout.kind !== "known") return unknown(layout.why);
  if (units.kind !== "known") return unknown(units.why);
  const unit = units.value[layout.value.containerdUnit === "containerd-dev.service" ? "containerdDev" : "containerd"];
  const { argv } = await unitCommand(survey, unit);
  const flags = flagsOf(argv);
  // Without a unit there is still what provision.sh writes for that profile (build_containerd_paths).
  const usual = !isThere(unit) && layout.value.profile === "dev" ? "/etc/containerd/config-dev.toml" : defaultConfigPath;
  const configPath = clean(flags.config ?? usual);
  const read = await documents(survey, configPath);
  if (read.kind === "unknown") return read;
  // Without --config, a containerd whose default file is not there runs on its defaults (cmd/containerd/command/main.go).
  if (read.kind === "absent" && flags.config !== null) return absent(`${configPath}, which ${unit.name} names, does not exist`);
  const merged = await asMerged(survey, valueOf(read) ?? [], flags, argv[0] ?? "");
  if (merged.kind !== "known") return unknown(merged.why);
  const config = merged.value;
  const { poolFile, ...rest } = config;
  const poolWhere = poolFile === null ? configPath : config.poolLine === null ? poolFile : `${poolFile}:${config.poolLine}`;
  return known({ ...rest, configPath, poolWhere }, read.kind === "known" ? read.at : "");
}

/** Which containerd it is matters only where an import has a section of its own for the same plugin, and is asked only there. */
async function asMerged(survey: Survey, documents: readonly ConfigDocument[], flags: ContainerdFlags, program: string): Promise<Answer<ContainerdConfig>> {
  const [replacing, merging] = ([1, 2] as const).map((generation) => readContainerdConfig(documents, flags, generation));
  if (!replacing || !merging || JSON.stringify(replacing) === JSON.stringify(merging)) return known(readContainerdConfig(documents, flags, 2));
  // containerd 1 does not start with it.
  const version = documents.some(({ table }) => Number(table["version"]) > 2) ? known<Generation>(2) : await generation(survey, program);
  if (version.kind !== "known")
    return unknown(
      `containerd 1 replaces the section of a plugin by that of an imported file and containerd 2 merges them, and which one this is cannot be told: ${version.why}`,
    );
  return known(version.value === 1 ? replacing : merging);
}

async function generation(survey: Survey, program: string): Promise<Answer<Generation>> {
  if (!/^\/(?:.*\/)?containerd$/.test(program)) return unknown(`the unit runs ${program || "no program"}`);
  const said = await survey.host.ask({ ask: "command", argv: [program, "--version"] });
  if (said.kind !== "known") return unknown(said.why);
  const told = generationOf(said.value.stdout);
  return told === null ? unknown(`${program} --version did not tell`) : known(told);
}

const mostFiles = 64;

/** The file and everything it imports, in containerd's order: each file's imports after what is already waiting. */
async function documents(survey: Survey, path: string): Promise<Answer<ConfigDocument[]>> {
  const found: ConfigDocument[] = [];
  const pending = [path];
  const seen = new Set<string>();
  let at = "";
  for (let next = pending.shift(); next !== undefined; next = pending.shift()) {
    if (seen.has(next)) continue;
    seen.add(next);
    if (seen.size > mostFiles) return unknown(`${path} imports more than ${mostFiles} files`);
    const file = await survey.host.ask({ ask: "file", path: next });
    if (file.kind === "unknown") return file;
    if (file.kind === "absent") return next === path ? file : unknown(`${path} imports ${next}, which does not exist`);
    const parsed = parseToml(file.value.text);
    if ("problem" in parsed) {
      const { message, line, column } = parsed.problem;
      return unknown(`${next}${line === null ? "" : `:${line}`}${column === null ? "" : ` (column ${column})`} is no TOML: ${message}`);
    }
    at ||= file.at;
    found.push({ path: next, text: file.value.text, table: parsed.table });
    for (const name of importsOf(next, parsed.table)) {
      const files = await matching(survey, name);
      if (files.kind !== "known") return unknown(files.why);
      pending.push(...files.value);
    }
  }
  return known(found, at);
}

async function matching(survey: Survey, pattern: string): Promise<Answer<string[]>> {
  if (!pattern.includes("*")) return known([pattern]);
  const folder = pattern.slice(0, pattern.lastIndexOf("/")) || "/";
  if (folder.includes("*")) return unknown(`containerd's import ${pattern} has a pattern for folders, which is not followed here`);
  const names = await survey.host.ask({ ask: "directory", path: folder });
  if (names.kind === "unknown") return names;
  return known((valueOf(names) ?? []).filter((name) => matches(pattern.slice(folder.length + 1), name)).map((name) => `${folder}/${name}`));
}
