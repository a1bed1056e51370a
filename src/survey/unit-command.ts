/** What a unit's files say it runs, word for word and with the environment it gets: systemd.service(5), systemd.exec(5). */

import { assignments, expand, listSetting, parseEnvironmentFile, parseUnitFile, withoutPrefixes, words, type UnitSetting } from "../facts/unit-file.ts";
import { isThere, type Unit } from "../facts/unit.ts";
import type { Survey } from "./survey.ts";

export interface UnitCommand {
  /** As it is run: variables replaced. Empty where the unit has no command. */
  argv: string[];
  /** `PATH:LINE` of that `ExecStart=`; the unit's name where its files do not tell. */
  where: string;
  environment: ReadonlyMap<string, string>;
  /** `PATH:LINE` of each variable, where that is known. */
  environmentWhere: ReadonlyMap<string, string>;
  /** Every setting of the unit's files, drop-ins after the fragment. */
  settings: UnitSetting[];
}

export async function unitCommand(survey: Survey, unit: Unit): Promise<UnitCommand> {
  if (!isThere(unit)) return { argv: [], where: unit.name, environment: new Map(), environmentWhere: new Map(), settings: [] };
  const paths = [unit.fragmentPath, ...unit.dropInPaths].filter(Boolean);
  const [files, environmentFiles] = await Promise.all([readAll(survey, paths), readAll(survey, unit.environmentFiles)]);
  const settings = files.flatMap(({ path, text }) => parseUnitFile(path, text));
  const environment = new Map(assignments(unit.environment.filter((pair) => pair !== "[unprintable]")));
  const environmentWhere = new Map<string, string>();
  for (const setting of listSetting(settings, "Service", "Environment"))
    for (const [name, value] of assignments(words(setting.value))) {
      // `systemctl show` prints a value with blanks as [unprintable]; the files have it.
      if (!environment.has(name)) environment.set(name, value);
      environmentWhere.set(name, setting.where);
    }
  for (const { path, text } of environmentFiles)
    for (const { name, value, where } of parseEnvironmentFile(path, text)) {
      environment.set(name, value);
      environmentWhere.set(name, where);
    }
  const written = listSetting(settings, "Service", "ExecStart").at(-1);
  const loaded = unit.execStart.at(-1)?.argv ?? [];
  const fromFile = written ? withoutPrefixes(words(written.value)) : [];
  // systemd runs what it has loaded; the files may have changed since, or hold specifiers.
  const same = fromFile.join(" ").split(/\s+/).filter(Boolean).join(" ") === loaded.join(" ");
  return { argv: expand(same ? fromFile : loaded, environment), where: same && written ? written.where : unit.name, environment, environmentWhere, settings };
}

async function readAll(survey: Survey, paths: readonly string[]): Promise<{ path: string; text: string }[]> {
  const answers = await Promise.all(paths.map((path) => survey.host.ask({ ask: "file", path })));
  return answers.flatMap((answer, index) => (answer.kind === "known" ? [{ path: paths[index] ?? "", text: answer.value.text }] : []));
}
