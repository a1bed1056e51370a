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
  // A plugin's fields begin at the margin, "Type:" first; what belongs to a field is indented.
  for (const block of text.split(/^Type:/m).slice(1)) {
    const [type = "", ...lines] = block.split("\n");
    const id = lines.find((line) => line.startsWith("ID:"))?.slice("ID:".length);
    const from = lines.findIndex((line) => /^\s+Message:/.test(line));
    if (id === undefined || from < 0) continue;
    const after = lines.slice(from + 1).findIndex((line) => /^\S/.test(line));
    const message = lines.slice(from, after < 0 ? undefined : from + 1 + after).join(" ");
    errors.set(
      `${type.trim()}.${id.trim()}`,
      message
        .replace(/^\s+Message:/, "")
        .replaceAll(/\s+/g, " ")
        .trim(),
    );
  }
  return errors;
}
