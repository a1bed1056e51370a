/** flintlockd's configuration file: which one it reads, and what is wrong with it. */

import { configFolders, configNames } from "../facts/flintlockd-config.ts";
import { parseMapping, type YamlEntry } from "../facts/mapping.ts";
import { unknown, type Answer, type FileText } from "../host/inspector.ts";
import { realPath } from "./paths.ts";
import type { Survey } from "./survey.ts";

export interface ConfigProblem {
  /** UNPARSABLE, DUPLICATE_KEY, NOT_A_MAPPING, DANGLING_LINK, UNREADABLE, NOT_UTF8 */
  code: string;
  message: string;
  line: number | null;
  column: number | null;
}

export interface ConfigFile {
  /** As flintlockd names it, and where a symlink leads. */
  path: string;
  realPath: string;
  /** Null where there is no file. */
  file: FileText | null;
  problem: ConfigProblem | null;
}

export interface ConfigRead {
  config: ConfigFile;
  /** What flintlockd takes from it: nothing where it does not parse, for it drops that error without a word. */
  entries: YamlEntry[];
}

const usualPath = "/etc/opt/flintlockd/config.yaml";

/** `home`: of the user that flintlockd runs as; null where it has none. */
export async function configFile(survey: Survey, environment: ReadonlyMap<string, string>, home: string | null): Promise<Answer<ConfigRead>> {
  let dangling: ConfigRead | null = null;
  for (const folder of configFolders(environment, home)) {
    const listing = await survey.host.ask({ ask: "directory", path: folder });
    if (listing.kind === "unknown") return listing;
    if (listing.kind === "absent") continue;
    for (const name of configNames.filter((candidate) => listing.value.includes(candidate))) {
      const read = await readConfig(survey, `${folder}/${name}`);
      if (read === "no file") continue;
      if (read.kind !== "known" || read.value.config.problem?.code !== "DANGLING_LINK") return read;
      dangling ??= read.value;
    }
  }
  const none: ConfigRead = { config: { path: usualPath, realPath: usualPath, file: null, problem: null }, entries: [] };
  return { kind: "known", value: dangling ?? none, at: "" };
}

async function readConfig(survey: Survey, path: string): Promise<Answer<ConfigRead> | "no file"> {
  const problem = (code: string, message: string, realPath = path): Answer<ConfigRead> => ({
    kind: "known",
    value: { config: { path, realPath, file: null, problem: { code, message, line: null, column: null } }, entries: [] },
    at: "",
  });
  const real = await realPath(survey.host, path);
  if (real.kind === "absent") return problem("DANGLING_LINK", real.why);
  if (real.kind === "unknown") return real;
  const status = await survey.host.ask({ ask: "status", path: real.value });
  // viper passes over a folder, and goes on looking.
  if (status.kind === "known" && status.value.type === "directory") return "no file";
  const [file, clock] = await Promise.all([survey.host.ask({ ask: "file", path: real.value }), survey.clock()]);
  if (file.kind === "absent") return problem("DANGLING_LINK", file.why, real.value);
  // Unreadable for us is not unreadable for flintlockd, which runs as root.
  if (file.kind === "unknown") return clock.kind === "known" && clock.value.uid === 0 ? problem("UNREADABLE", file.why, real.value) : unknown(file.why);
  const { entries, problem: found } = contentOf(file.value);
  return { kind: "known", value: { config: { path, realPath: real.value, file: file.value, problem: found }, entries }, at: file.at };
}

function contentOf(file: FileText): { entries: YamlEntry[]; problem: ConfigProblem | null } {
  if (!file.utf8) {
    const before = file.text.slice(0, Math.max(file.text.indexOf("\uFFFD"), 0)).split("\n");
    const place = { line: before.length, column: (before.at(-1)?.length ?? 0) + 1 };
    return { entries: [], problem: { code: "NOT_UTF8", message: "a byte that is not UTF-8", ...place } };
  }
  const parsed = parseMapping(file.text);
  return "problem" in parsed ? { entries: [], problem: parsed.problem } : { entries: parsed.entries, problem: null };
}

/** `PATH:LINE:COLUMN: what is wrong`, as far as it is known. */
export function problemText(config: ConfigFile): string {
  const { problem, path } = config;
  if (!problem) return "";
  const place = problem.line === null ? path : `${path}:${problem.line}${problem.column === null ? "" : `, column ${problem.column}`}`;
  return `${place}: ${problem.message}`;
}
