/** What the host's network configuration defines: asked only where a device that flintlock needs is not there. */

import {
  definitionFolders,
  interfacesDefinitions,
  interfacesFile,
  owners,
  keyfileDefinitions,
  netdevDefinitions,
  netplanDefinitions,
  type NetworkDefinition,
} from "../facts/network-definitions.ts";
import { parseMapping } from "../facts/mapping.ts";
import { known, valueOf, type Answer } from "../host/inspector.ts";
import { isInstalled } from "./programs.ts";
import type { Survey } from "./survey.ts";
import { unitNow } from "./units.ts";

/** With what keeps its owner from acting on it; null: nothing that is known. */
export type OwnedDefinition = NetworkDefinition & { hindrance: string | null };

/** Known, and empty where none is found: a folder that is not there defines nothing, one that cannot be read only takes a hint away. */
export async function networkDefinitions(survey: Survey): Promise<Answer<OwnedDefinition[]>> {
  const [netplan, networkd, networkManager, ifupdown, main] = await Promise.all([
    texts(survey, definitionFolders.netplan, ".yaml"),
    texts(survey, definitionFolders.networkd, ".netdev"),
    texts(survey, definitionFolders.networkManager, ".nmconnection"),
    texts(survey, definitionFolders.ifupdown, ""),
    read(survey, interfacesFile),
  ]);
  const found = [
    ...fromNetplan(netplan),
    ...networkd.flatMap(({ path, text }) => netdevDefinitions(path, text)),
    ...networkManager.flatMap(({ path, text }) => keyfileDefinitions(path, text)),
    ...[...main, ...ifupdown].flatMap(({ path, text }) => interfacesDefinitions(path, text)),
  ];
  const hindrances = new Map(await Promise.all([...new Set(found.map(({ by }) => by))].map(async (by) => [by, await hindranceOf(survey, by)] as const)));
  return known(found.map((definition) => ({ ...definition, hindrance: hindrances.get(definition.by) ?? null })));
}

async function hindranceOf(survey: Survey, by: NetworkDefinition["by"]): Promise<string | null> {
  const owner = owners[by];
  if ("program" in owner) return (await isInstalled(survey.host, owner.program)) ? null : `${owner.program} is not installed`;
  const { service } = owner;
  const unit = await unitNow(survey.host, service);
  if (unit.kind === "absent") return `there is no ${service}`;
  if (unit.kind === "unknown" || unit.value.activeState === "active") return null;
  const start = `systemctl start ${service}`;
  return `${service} does not run: ${unit.value.loadState === "masked" ? `systemctl unmask ${service} && ${start}` : start}`;
}

interface TextFile {
  path: string;
  text: string;
}

async function texts(survey: Survey, folders: readonly string[], ending: string): Promise<TextFile[]> {
  const listed = await Promise.all(
    folders.map(async (folder) =>
      (valueOf(await survey.host.ask({ ask: "directory", path: folder })) ?? []).filter((name) => name.endsWith(ending)).map((name) => `${folder}/${name}`),
    ),
  );
  return (await Promise.all(listed.flat().map((path) => read(survey, path)))).flat();
}

async function read({ host }: Survey, path: string): Promise<TextFile[]> {
  const file = valueOf(await host.ask({ ask: "file", path }));
  return file ? [{ path, text: file.text }] : [];
}

function fromNetplan(files: readonly TextFile[]): NetworkDefinition[] {
  return files.flatMap(({ path, text }) => {
    const parsed = parseMapping(text);
    return "problem" in parsed ? [] : netplanDefinitions(path, text, parsed.entries.find(({ key }) => key === "network")?.value);
  });
}
