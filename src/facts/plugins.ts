/** containerd's plugins as `ctr plugins ls` prints them (containerd: cmd/ctr/commands/plugins/plugins.go): columns padded with blanks. */

export interface Plugin {
  type: string;
  id: string;
  /** ok, error, skip, or whatever ctr says */
  status: string;
}

/** Null where the text is no such list. */
export function parsePlugins(text: string): Plugin[] | null {
  const [header = "", ...lines] = text.split("\n");
  if (!/^TYPE\s+ID\s+PLATFORMS\s+STATUS\s*$/.test(header.trimEnd())) return null;
  return lines.flatMap((line) => {
    const [type, id, ...rest] = line.trim().split(/\s+/);
    const status = rest.at(-1);
    return type !== undefined && id !== undefined && status !== undefined ? [{ type, id, status }] : [];
  });
}

export const isDevmapper = ({ type, id }: Plugin): boolean => type === "io.containerd.snapshotter.v1" && id === "devmapper";

/** TYPE.ID → message, of `ctr plugins ls --detailed`. A message may go on over several lines. */
export function pluginErrors(text: string): Map<string, string> {
  const errors = new Map<string, string>();
  let type = "";
  let id = "";
  let message: string[] | null = null;
  const end = (): void => {
    if (message) errors.set(`${type}.${id}`, message.join(" ").replaceAll(/\s+/g, " ").trim());
    message = null;
  };
  for (const line of text.split("\n")) {
    const field = /^(Type|ID|Requires|Platforms|Exports|Capabilities|Error):\s*(.*)$/.exec(line);
    if (field) {
      end();
      if (field[1] === "Type") type = (field[2] ?? "").trim();
      if (field[1] === "ID") id = (field[2] ?? "").trim();
      continue;
    }
    const first = /^\s+Message:\s*(.*)$/.exec(line);
    if (first) message = [first[1] ?? ""];
    else if (message) (message as string[]).push(line);
  }
  end();
  return errors;
}
