/**
 * Reads keys of a bbolt database as containerd's plugins write it (go.etcd.io/bbolt internal/common: page.go, meta.go,
 * bucket.go): two meta pages, of which the newest valid one counts, then a tree of branch and leaf pages.
 */

export interface BoltEntry {
  bucket: string[];
  key: string;
  /** Null for a bucket within the bucket. */
  value: string | null;
}

export type BoltRead = { is: "read"; count: number; entries: BoltEntry[]; transaction: string } | { is: "damaged"; why: string };

/** Fewer bytes than asked for where the file ends. */
export type ReadAt = (offset: number, length: number) => Uint8Array;

const magic = 0xed0cdaed;
const headerBytes = 16;
const elementBytes = 16;
const flag = { branch: 0x01, leaf: 0x02 };
const bucketFlag = 0x01;
const most = { entries: 256, valueBytes: 4096, pages: 65_536, depth: 64 };

class Damaged extends Error {}

/** Every key of the buckets that `bucket` names from the root inwards; "*" is any name at that level. */
export function readBolt(readAt: ReadAt, size: number, bucket: readonly string[]): BoltRead {
  // bbolt takes an empty file for a new database (db.go, Open).
  if (size === 0) return { is: "read", count: 0, entries: [], transaction: "0" };
  try {
    const meta = newestMeta(readAt);
    const walk = new Walk(readAt, meta.pageSize);
    walk.descend({ pages: meta.root }, bucket, []);
    return { is: "read", count: walk.count, entries: walk.entries, transaction: meta.transaction };
  } catch (error) {
    if (error instanceof Damaged || error instanceof RangeError) return { is: "damaged", why: error.message };
    throw error;
  }
}

interface Meta {
  pageSize: number;
  root: number;
  transaction: string;
}

function newestMeta(readAt: ReadAt): Meta {
  const first = metaAt(readAt, 0);
  // Where the first is torn, the second is at the unknown page size (db.go, getPageSizeFromSecondMeta).
  const sizes = first ? [first.pageSize] : Array.from({ length: 15 }, (_, power) => 1024 << power);
  const second = sizes.map((pageSize) => metaAt(readAt, pageSize)).find((meta) => meta !== null) ?? null;
  const newest = first && second ? (BigInt(second.transaction) > BigInt(first.transaction) ? second : first) : (first ?? second);
  if (!newest) throw new Damaged("no valid meta page: it is no bbolt database, or a damaged one");
  return newest;
}

function metaAt(readAt: ReadAt, offset: number): Meta | null {
  const bytes = readAt(offset, headerBytes + 64);
  if (bytes.length < headerBytes + 64) return null;
  const view = viewOf(bytes.subarray(headerBytes));
  if (view.getUint32(0, true) !== magic || view.getUint32(4, true) !== 2) return null;
  if (view.getBigUint64(56, true) !== fnv1a(bytes.subarray(headerBytes, headerBytes + 56))) return null;
  return { pageSize: view.getUint32(8, true), root: pageId(view, 16), transaction: view.getBigUint64(48, true).toString() };
}

/** hash/fnv New64a of Go. */
function fnv1a(bytes: Uint8Array): bigint {
  let hash = 0xcbf29ce484222325n;
  for (const byte of bytes) hash = BigInt.asUintN(64, (hash ^ BigInt(byte)) * 0x100000001b3n);
  return hash;
}

const viewOf = (bytes: Uint8Array): DataView => new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);

function pageId(view: DataView, offset: number): number {
  const id = view.getBigUint64(offset, true);
  if (id > 0xffffffffffn) throw new Damaged("a page number is out of range");
  return Number(id);
}

/** A bucket's elements are in pages of their own, or inline, behind the bucket's header in its parent. */
type Place = { pages: number } | { inline: Uint8Array };

class Walk {
  count = 0;
  readonly entries: BoltEntry[] = [];
  private pagesRead = 0;

  constructor(
    private readonly readAt: ReadAt,
    private readonly pageSize: number,
  ) {
    if (pageSize < 512 || pageSize > 1 << 24) throw new Damaged(`a page size of ${pageSize} bytes makes no sense`);
  }

  descend(place: Place, path: readonly string[], above: string[]): void {
    const [name, ...rest] = path;
    this.elements(place, 0, (key, value, isBucket) => {
      if (name === undefined) this.keep(above, key, value, isBucket);
      else if (isBucket && (name === "*" || name === key)) this.descend(bucketIn(value), rest, [...above, key]);
    });
  }

  private keep(bucket: string[], key: string, value: Uint8Array, isBucket: boolean): void {
    this.count += 1;
    if (this.entries.length >= most.entries) return;
    this.entries.push({ bucket, key, value: isBucket ? null : text(value.subarray(0, most.valueBytes)) });
  }

  private elements(place: Place, depth: number, each: (key: string, value: Uint8Array, isBucket: boolean) => void): void {
    if (depth > most.depth) throw new Damaged("the tree has no end");
    const page = "inline" in place ? place.inline : this.page(place.pages);
    const view = viewOf(page);
    const kind = view.getUint16(8, true);
    const count = view.getUint16(10, true);
    for (let index = 0; index < count; index += 1) {
      const at = headerBytes + index * elementBytes;
      if (kind === flag.branch) {
        this.elements({ pages: pageId(view, at + 8) }, depth + 1, each);
      } else if (kind === flag.leaf) {
        const key = at + view.getUint32(at + 4, true);
        const value = key + view.getUint32(at + 8, true);
        const end = value + view.getUint32(at + 12, true);
        if (end > page.length) throw new Damaged("an element lies outside its page");
        each(text(page.subarray(key, value)), page.subarray(value, end), (view.getUint32(at, true) & bucketFlag) !== 0);
      } else throw new Damaged(`a page is of the unknown kind ${kind}`);
    }
  }

  private page(id: number): Uint8Array {
    this.pagesRead += 1;
    if (this.pagesRead > most.pages) throw new Damaged("it has more pages than are read");
    const header = this.readAt(id * this.pageSize, headerBytes);
    if (header.length < headerBytes || pageId(viewOf(header), 0) !== id) throw new Damaged(`page ${id} is not where it belongs`);
    const overflow = viewOf(header).getUint32(12, true);
    if (overflow > most.pages) throw new Damaged(`page ${id} is too long`);
    return this.readAt(id * this.pageSize, (overflow + 1) * this.pageSize);
  }
}

function bucketIn(value: Uint8Array): Place {
  const root = pageId(viewOf(value), 0);
  return root === 0 ? { inline: value.subarray(headerBytes) } : { pages: root };
}

const text = (bytes: Uint8Array): string => new TextDecoder().decode(bytes);
