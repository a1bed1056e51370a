/**
 * What keeps flintlockd from starting, now or at its next start: its own settings, and the programs that its unit looks for.
 * A running one does not notice before it is restarted.
 */

import { isThere, type Unit } from "../facts/unit.ts";
import type { Inspector } from "../host/inspector.ts";
import { problemText } from "./config-file.ts";
import type { Settings } from "./settings.ts";

export type Blocker =
  /** The file is not read, so its settings are not in force. */
  | { is: "config"; code: string; text: string; path: string; where: string; neither: boolean }
  /** Neither bridge-name nor parent-iface. */
  | { is: "neither"; path: string }
  /** `ExecStartPre=which X`, and there is no X. */
  | { is: "program"; program: string; searched: string; where: string }
  | { is: "provider"; value: string; where: string };

/** core/ports and infrastructure/microvm/providers.go, GetProviderNames. */
const providers = ["firecracker", "cloudhypervisor"];

/** What systemd gives a service without a PATH of its own (systemd.exec(5), "Environment variables"). */
const defaultPath = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

export async function startBlockers(host: Inspector, unit: Unit, settings: Settings): Promise<Blocker[]> {
  const { config } = settings;
  const neither = settings.of("bridge-name").value === "" && settings.of("parent-iface").value === "";
  const provider = settings.of("default-provider");
  const found: Blocker[] = [];
  if (config.problem) {
    const { line, code } = config.problem;
    found.push({ is: "config", code, text: problemText(config), path: config.path, where: line === null ? config.path : `${config.path}:${line}`, neither });
  } else if (neither && isThere(unit)) found.push({ is: "neither", path: config.path });
  if (!providers.includes(provider.value)) found.push({ is: "provider", value: provider.value, where: provider.where });
  return [...found, ...(await missingPrograms(host, unit, settings))];
}

async function missingPrograms(host: Inspector, unit: Unit, settings: Settings): Promise<Blocker[]> {
  const searched = settings.command.environment.get("PATH") ?? defaultPath;
  const wanted = [
    ...unit.execStartPre.flatMap(({ mayFail, argv: [command = "", program = ""] }) =>
      !mayFail && /(?:^|\/)which$/.test(command) && program !== "" && !program.startsWith("-") ? [program] : [],
    ),
    ...unit.execStart.map(({ path }) => path),
  ];
  const looks = await Promise.all([...new Set(wanted)].map(async (program) => ({ program, missing: await isMissing(host, program, searched) })));
  return looks.flatMap(({ program, missing }) =>
    missing ? [{ is: "program", program, searched: program.startsWith("/") ? program : searched, where: whereIs(program, settings, unit) }] : [],
  );
}

/** Only where each place could be looked at, and none has it. */
async function isMissing(host: Inspector, program: string, path: string): Promise<boolean> {
  const places = program.startsWith("/")
    ? [program]
    : path
        .split(":")
        .filter((folder) => folder.startsWith("/"))
        .map((folder) => `${folder}/${program}`);
  const answers = await Promise.all(places.map((place) => host.ask({ ask: "status", path: place })));
  return answers.every((answer) => answer.kind === "absent" || (answer.kind === "known" && !isProgram(answer.value)));
}

/** A link may lead to one; which(1) wants an executable file. */
const isProgram = ({ type, mode }: { type: string; mode: number }): boolean => type === "link" || (type === "file" && (mode & 0o111) !== 0);

function whereIs(program: string, settings: Settings, unit: Unit): string {
  const setting = settings.command.settings.find(
    ({ name, value }) => (name === "ExecStartPre" || name === "ExecStart") && value.split(/\s+/).some((word) => word.replace(/^[-@:+!|]+/, "") === program),
  );
  return setting?.where ?? unit.name;
}
