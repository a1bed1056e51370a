/** Parsed YAML as a `Tree`: converted only where it is looked at, because most of a file is none of our business. */

import type { DocumentError, Entry, ListTree, MapTree, ScalarStyle, ScalarTree, Tree, TreeDocument } from "./tree.ts";
import { isAlias, isMap, isPair, isScalar, isSeq, ownWords, visit, type Document, type YAMLMap, type YAMLSeq } from "./yaml.ts";

const styles: Record<string, ScalarStyle> = { PLAIN: "plain", QUOTE_SINGLE: "single", QUOTE_DOUBLE: "double", BLOCK_LITERAL: "block", BLOCK_FOLDED: "block" };

type Map_ = YAMLMap;
type Seq = YAMLSeq;

/** What an alias stands for: the nearest anchor of that name before it (YAML 1.2.2, 7.1). */
class Anchors {
  #byName: Map<string, { start: number; node: unknown }[]> | undefined;

  constructor(private readonly document: Document.Parsed) {}

  resolve(name: string, before: number): unknown {
    return this.#all()
      .get(name)
      ?.findLast(({ start }) => start < before)?.node;
  }

  #all(): Map<string, { start: number; node: unknown }[]> {
    if (this.#byName) return this.#byName;
    const found = new Map<string, { start: number; node: unknown }[]>();
    visit(this.document, {
      Value(_, node) {
        if (typeof node.anchor === "string") found.set(node.anchor, [...(found.get(node.anchor) ?? []), { start: node.range?.[0] ?? 0, node }]);
      },
    });
    this.#byName = found;
    return found;
  }
}

const nothing = (at: number): ScalarTree => ({ kind: "scalar", value: null, style: "empty", start: at, end: at });

class YamlMap implements MapTree {
  readonly kind = "map";
  readonly start: number;
  readonly end: number;
  readonly flow: boolean;
  #entries: readonly Entry[] | undefined;

  constructor(
    private readonly node: Map_,
    private readonly anchors: Anchors,
    private readonly depth: number,
  ) {
    [this.start, this.end] = node.range ?? [0, 0];
    this.flow = node.flow === true;
  }

  get entries(): readonly Entry[] {
    return (this.#entries ??= this.#read());
  }

  #read(): Entry[] {
    const own: Entry[] = [];
    const merges: Tree[] = [];
    for (const { key, value } of this.node.items) {
      if (!isScalar(key) || !key.range) continue;
      const [keyStart, keyEnd] = key.range;
      const tree = treeOf(value, this.anchors, keyEnd, this.depth + 1);
      if (key.type === "PLAIN" && key.source === "<<") merges.push(...(tree.kind === "list" ? tree.items : [tree]));
      else
        own.push({
          key: String(key.value),
          keyStart,
          keyEnd,
          value: tree,
          merged: false,
          alias: isAlias(value) && value.range ? { start: value.range[0], end: value.range[1] } : null,
        });
    }
    if (merges.length === 0) return own;
    const names = new Set(own.map(({ key }) => key));
    const merged = merges.flatMap((tree) => (tree.kind === "map" && this.depth < maxDepth ? tree.entries : []));
    return [...own, ...merged.filter(({ key }) => !names.has(key) && names.add(key)).map((entry) => ({ ...entry, merged: true }))];
  }
}

class YamlList implements ListTree {
  readonly kind = "list";
  readonly start: number;
  readonly end: number;
  readonly flow: boolean;
  #items: readonly Tree[] | undefined;

  constructor(
    private readonly node: Seq,
    private readonly anchors: Anchors,
    private readonly depth: number,
  ) {
    [this.start, this.end] = node.range ?? [0, 0];
    this.flow = node.flow === true;
  }

  get items(): readonly Tree[] {
    return (this.#items ??= this.node.items.map((item) => (isPair(item) ? nothing(this.start) : treeOf(item, this.anchors, this.start, this.depth + 1))));
  }
}

/** An alias inside of what it stands for would never end. */
const maxDepth = 200;

function treeOf(node: unknown, anchors: Anchors, at: number, depth: number): Tree {
  if (depth > maxDepth) return nothing(at);
  if (isAlias(node)) return treeOf(anchors.resolve(node.source, node.range?.[0] ?? 0), anchors, at, depth + 1);
  if (isMap(node)) return new YamlMap(node, anchors, depth);
  if (isSeq(node)) return new YamlList(node, anchors, depth);
  if (!isScalar(node) || !node.range) return nothing(at);
  const { value, range, type } = node;
  const plain = typeof value === "string" || typeof value === "number" || typeof value === "boolean" || typeof value === "bigint" ? value : null;
  return { kind: "scalar", value: plain, style: range[0] === range[1] ? "empty" : (styles[type ?? ""] ?? "plain"), start: range[0], end: range[1] };
}

export function treeDocument(document: Document.Parsed): TreeDocument {
  const errors: DocumentError[] = document.errors.map(({ pos, message }) => ({ start: pos[0], end: pos[1], message: ownWords(message) }));
  const root = document.contents === null ? null : treeOf(document.contents, new Anchors(document), document.range[0], 0);
  return { root, errors, start: document.range[0], end: document.range[2] };
}
