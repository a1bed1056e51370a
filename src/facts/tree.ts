/** A document as a tree of values that know where they stand, whether it was written as JSON or as YAML. Pure. */

/** Offsets into the text, in UTF-16 code units; `end` is exclusive. */
export interface Place {
  start: number;
  end: number;
}

export type Tree = MapTree | ListTree | ScalarTree;

export interface MapTree extends Place {
  kind: "map";
  /** With braces. */
  flow: boolean;
  readonly entries: readonly Entry[];
}

export interface ListTree extends Place {
  kind: "list";
  flow: boolean;
  readonly items: readonly Tree[];
}

export type ScalarStyle = "plain" | "single" | "double" | "block" | "empty";

export interface ScalarTree extends Place {
  kind: "scalar";
  value: string | number | boolean | bigint | null;
  /** `empty`: nothing stands there, which is null. */
  style: ScalarStyle;
}

export interface Entry {
  key: string;
  keyStart: number;
  keyEnd: number;
  value: Tree;
  /** It came through `<<`: it stands elsewhere, and an own key of that name beats it. */
  merged: boolean;
  /** It is an alias (`*name`): its value stands elsewhere; this is where the alias stands. */
  alias: Place | null;
}

export interface DocumentError extends Place {
  message: string;
}

export interface TreeDocument extends Place {
  root: Tree | null;
  errors: readonly DocumentError[];
}

/** A key, in one spelling or several; of several that are there, the last own one, as JSON and Kubernetes take it. */
export function entryOf(tree: Tree | null | undefined, key: string | readonly string[]): Entry | null {
  if (tree?.kind !== "map") return null;
  let found: Entry | null = null;
  for (const entry of tree.entries)
    if ((typeof key === "string" ? entry.key === key : key.includes(entry.key)) && (found === null || !entry.merged)) found = entry;
  return found;
}

export const valueAt = (tree: Tree | null | undefined, key: string): Tree | null => entryOf(tree, key)?.value ?? null;

export function textAt(tree: Tree | null | undefined, key: string): string | null {
  const value = valueAt(tree, key);
  return value?.kind === "scalar" && typeof value.value === "string" ? value.value : null;
}

export const itemsOf = (tree: Tree | null): readonly Tree[] => (tree?.kind === "list" ? tree.items : []);

/** More than any real document, less than what aliases that multiply can make of a small one. */
const maxNodes = 500_000;

/**
 * What a document says, aliases and merges written out, as text that is equal for equal values. `omit` leaves keys out.
 * Throws RangeError where the document is too large to be written out.
 */
export function saying(tree: Tree | null, omit: (map: MapTree, key: string) => boolean = () => false): string {
  const parts: string[] = [];
  const write = (node: Tree | null): void => {
    if (parts.length > maxNodes) throw new RangeError("the document's aliases multiply it beyond reason");
    if (node === null) parts.push("~");
    else if (node.kind === "scalar") parts.push(typeof node.value === "string" ? JSON.stringify(node.value) : `${typeof node.value} ${String(node.value)}`);
    else if (node.kind === "list") {
      parts.push("[");
      node.items.forEach(write);
      parts.push("]");
    } else {
      parts.push("{");
      // The order of keys says nothing; the last of equal own keys counts.
      const last = new Map<string, Entry>();
      for (const entry of node.entries) if (!omit(node, entry.key) && (!entry.merged || !last.has(entry.key))) last.set(entry.key, entry);
      for (const key of [...last.keys()].sort()) {
        parts.push(JSON.stringify(key));
        write(last.get(key)?.value ?? null);
      }
      parts.push("}");
    }
  };
  write(tree);
  return parts.join(",");
}
