/**
 * What containerd's configuration says, as containerd reads it: flags of its command line, the file, the file's imports
 * (containerd: cmd/containerd/command/main.go, cmd/containerd/server/config/config.go, defaults/defaults_unix.go).
 */

import { isTable, stringAt, stringsAt, tableAt, type TomlTable } from "./toml.ts";

export const defaultConfigPath = "/etc/containerd/config.toml";
const devmapper = "io.containerd.snapshotter.v1.devmapper";
/** The newest containerd reads its socket from a plugin of this name. */
const grpcServer = "io.containerd.server.v1.grpc";

export interface ContainerdFlags {
  config: string | null;
  root: string | null;
  state: string | null;
  address: string | null;
}

/** A file of the configuration that could be read, in the order in which containerd merges them. */
export interface ConfigDocument {
  path: string;
  text: string;
  table: TomlTable;
}

export interface ContainerdConfig {
  poolName: string | null;
  /** Where `pool_name` is: its file and line (from 1). */
  poolFile: string | null;
  poolLine: number | null;
  rootPath: string | null;
  root: string;
  state: string;
  address: string;
  /** In `disabled_plugins`. */
  disabled: boolean;
  /** Set where `pool_name` is lost: the file that has it, and the import that replaces its whole section without it. */
  replaced: { path: string; by: string } | null;
}

/**
 * containerd 1 replaces the whole section of a plugin by that of an imported file, containerd 2 merges the two (mergeConfig; changed in
 * 2.0).
 */
export type Generation = 1 | 2;

/** What `containerd --version` prints: `containerd github.com/containerd/containerd/v2 2.2.7 REVISION`. */
export function generationOf(text: string): Generation | null {
  const major = /^containerd \S+ v?(\d+)\./.exec(text)?.[1];
  return major === undefined ? null : Number(major) < 2 ? 1 : 2;
}

/** Go's flags: one dash or two, the value after `=` or in the next word. */
export function flagsOf(argv: readonly string[]): ContainerdFlags {
  const names: Record<string, keyof ContainerdFlags> = { config: "config", c: "config", root: "root", state: "state", address: "address", a: "address" };
  const flags: ContainerdFlags = { config: null, root: null, state: null, address: null };
  for (let index = 1; index < argv.length; index += 1) {
    const word = /^--?([a-z]+)(?:=(.*))?$/s.exec(argv[index] ?? "");
    const name = names[word?.[1] ?? ""];
    if (!name) continue;
    const value = word?.[2] ?? argv[(index += 1)];
    if (value !== undefined && value !== "") flags[name] = value;
  }
  return flags;
}

/** `imports` of a file, absolute; the last component may be a pattern with `*`. */
export function importsOf(path: string, table: TomlTable): string[] {
  return stringsAt(table, "imports").map((name) => (name.startsWith("/") ? clean(name) : clean(`${path.slice(0, path.lastIndexOf("/"))}/${name}`)));
}

/** path.Match of Go, for one component: `*`, `?` and plain characters. Linear in the length of both. */
export function matches(pattern: string, name: string): boolean {
  let at = 0;
  let from = 0;
  let star = -1;
  let mark = 0;
  while (from < name.length) {
    if (pattern[at] === "*") {
      star = at;
      at += 1;
      mark = from;
    } else if (at < pattern.length && (pattern[at] === "?" || pattern[at] === name[from])) {
      at += 1;
      from += 1;
    } else if (star >= 0) {
      at = star + 1;
      mark += 1;
      from = mark;
    } else return false;
  }
  while (pattern[at] === "*") at += 1;
  return at === pattern.length;
}

export function clean(path: string): string {
  const parts: string[] = [];
  for (const part of path.split("/")) {
    if (part === "..") parts.pop();
    else if (part !== "" && part !== ".") parts.push(part);
  }
  return `/${parts.join("/")}`;
}

/** `documents` may be empty: containerd then runs on its defaults. */
export function readContainerdConfig(documents: readonly ConfigDocument[], flags: ContainerdFlags, generation: Generation): ContainerdConfig {
  const table = documents.reduce<TomlTable>((all, document) => mergedConfig(all, document.table, generation), {});
  const plugins = tableAt(table, "plugins");
  const section = sectionOf(table);
  const root = flags.root ?? stringAt(table, "root") ?? "/var/lib/containerd";
  const poolName = stringAt(section, "pool_name") ?? null;
  const where = poolName === null ? null : ([...documents].reverse().find(({ table: one }) => stringAt(sectionOf(one), "pool_name") === poolName) ?? null);
  return {
    poolName,
    poolFile: where?.path ?? null,
    poolLine: where ? lineOfPoolName(where.text) : null,
    rootPath: poolName === null ? null : clean(stringAt(section, "root_path") ?? `${root}/${devmapper}`),
    root: clean(root),
    state: flags.state ?? stringAt(table, "state") ?? "/run/containerd",
    address:
      flags.address ?? stringAt(tableAt(table, "grpc"), "address") ?? stringAt(tableAt(plugins, grpcServer), "address") ?? "/run/containerd/containerd.sock",
    disabled: stringsAt(table, "disabled_plugins").some((name) => name === devmapper || name === "devmapper"),
    replaced: poolName === null ? replacement(documents) : null,
  };
}

function replacement(documents: readonly ConfigDocument[]): ContainerdConfig["replaced"] {
  const sections = [...documents]
    .reverse()
    .flatMap(({ path, table }) => (sectionOf(table) ? [{ path, poolName: stringAt(sectionOf(table), "pool_name") }] : []));
  const named = sections.find(({ poolName }) => poolName !== undefined);
  const [last] = sections;
  return named && last && last !== named ? { path: named.path, by: last.path } : null;
}

/** `from` beats `to`. */
function mergedConfig(to: TomlTable, from: TomlTable, generation: Generation): TomlTable {
  const [old, more] = [tableAt(to, "plugins") ?? {}, tableAt(from, "plugins") ?? {}];
  return { ...merged(to, from, false), plugins: generation === 1 ? { ...old, ...more } : merged(old, more, true) };
}

/** Table by table. An empty text beats another only in a plugin's own section (mergo). */
function merged(to: TomlTable, from: TomlTable, emptyBeats: boolean): TomlTable {
  const result: TomlTable = { ...to };
  for (const [key, value] of Object.entries(from)) {
    const old = result[key];
    if (isTable(old) && isTable(value)) result[key] = merged(old, value, emptyBeats);
    else if (isList(old) && isList(value)) result[key] = [...old, ...value];
    else if (value !== "" || emptyBeats) result[key] = value;
  }
  return result;
}

const isList = (value: unknown): value is unknown[] => Array.isArray(value);

/** Version 1 of the file has plugins' short names. */
function sectionOf(table: TomlTable): TomlTable | undefined {
  const plugins = tableAt(table, "plugins");
  const { version } = table;
  return tableAt(plugins, devmapper) ?? (typeof version === "number" && version >= 2 ? undefined : tableAt(plugins, "devmapper"));
}

/** The parser tells no positions: the assignment under the header that names devmapper, else the only one there is. */
function lineOfPoolName(text: string): number | null {
  let within = false;
  const found: number[] = [];
  for (const [index, raw] of text.split("\n").entries()) {
    const line = raw.trimStart();
    if (line.startsWith("[")) within = line.includes("devmapper");
    else if (/^(?:[^#=]{0,200}\.)?"?pool_name"?\s{0,50}=/.test(line)) {
      if (within || line.includes("devmapper")) return index + 1;
      found.push(index + 1);
    }
  }
  return found.length === 1 ? (found[0] ?? null) : null;
}
