/** What the host's network configuration defines: asked only where a device that flintlock needs is not there. */

import {
  definitionFolders,
  interfacesDefinitions,
  interfacesFile,
  keyfileDefinitions,
  netdevDefinitions,
  netplanDefinitions,
  type NetworkDefinition,
} from "../facts/network-definitions.ts";
import { parseMapping } from "../facts/mapping.ts";
import { known, valueOf, type Answer } from "../host/inspector.ts";
import type { Survey } from "./survey.ts";

export type { NetworkDefinition } from "../facts/network-definitions.ts";

/** Known, and empty where none is found: a folder that is not there defines nothing, one that cannot be read only takes a hint away. */
export async function networkDefinitions(survey: Survey): Promise<Answer<NetworkDefinition[]>> {
  const [netplan, networkd, networkManager, ifupdown, main] = await Promise.all([
    texts(survey, definitionFolders.netplan, ".yaml"),
    texts(survey, definitionFolders.networkd, ".netdev"),
    texts(survey, definitionFolders.networkManager, ".nmconnection"),
    texts(survey, definitionFolders.ifupdown, ""),
    read(survey, interfacesFile),
  ]);
  return known([
    ...fromNetplan(netplan),
    ...networkd.flatMap(({ path, text }) => netdevDefinitions(path, text)),
    ...networkManager.flatMap(({ path, text }) => keyfileDefinitions(path, text)),
    ...[...main, ...ifupdown].flatMap(({ path, text }) => interfacesDefinitions(path, text)),
  ]);
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
