/* global TextEncoder, TextDecoder, structuredClone */
// Mutations: of bytes, of lines and words, and of JSON. Every choice comes from one generator, so a run can be had again.

/** mulberry32: [0, 1) */
export function generator(seed) {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let value = Math.imul(state ^ (state >>> 15), state | 1);
    value ^= value + Math.imul(value ^ (value >>> 7), value | 61);
    return ((value ^ (value >>> 14)) >>> 0) / 4294967296;
  };
}

const nasty = [
  "",
  "\0",
  "\n",
  "\r\n",
  "\u001b[2J",
  "\u202e",
  "\u2028",
  "\ufeff",
  '"',
  "\\",
  "'",
  "$&",
  "${x}",
  "%s%n",
  "../../..",
  "__proto__",
  "constructor",
  "toString",
  "-1",
  "0",
  "1e309",
  "NaN",
  "18446744073709551616",
  "9007199254740993",
  "99999999999999999999999999",
  "null",
  "true",
  "[]",
  "{}",
  "- ",
  ": ",
  "!!binary ",
  "&a *a",
  "<<: *a",
  "|\n",
  "failed to reconcile vmid a/b/c: ",
  'time="2026-11-24T21:18:52Z" level=error msg="',
];
const mostBytes = 512 * 1024;
const encoder = new TextEncoder();
const decoder = new TextDecoder();

export class Mutator {
  constructor(seed) {
    this.random = generator(seed);
  }

  below(count) {
    return Math.floor(this.random() * count);
  }

  one(list) {
    return list[this.below(list.length)];
  }

  /** A changed copy; `other`: another input of the same target, to be crossed with. */
  mutate(bytes, other) {
    let changed = bytes;
    for (let times = 1 + this.below(4); times > 0; times -= 1) {
      const kind = this.random();
      if (kind < 0.4) changed = this.ofBytes(changed, other);
      else if (kind < 0.75) changed = this.ofText(changed, other);
      else changed = this.ofJson(changed) ?? this.ofText(changed, other);
    }
    return changed.length > mostBytes ? changed.slice(0, mostBytes) : changed;
  }

  splice(bytes, from, to, insert) {
    const out = new Uint8Array(from + insert.length + bytes.length - to);
    out.set(bytes.subarray(0, from));
    out.set(insert, from);
    out.set(bytes.subarray(to), from + insert.length);
    return out;
  }

  ofBytes(bytes, other) {
    const at = this.below(bytes.length + 1);
    const length = Math.min(1 + this.below(this.random() < 0.8 ? 8 : 400), bytes.length - at);
    const borrowedAt = this.below(other.length + 1);
    switch (this.below(7)) {
      case 0:
        return this.splice(
          bytes,
          at,
          at + length,
          Uint8Array.from({ length }, () => this.below(256)),
        );
      case 1:
        return this.splice(bytes, at, at + length, new Uint8Array());
      case 2:
        return this.splice(bytes, at, at, bytes.subarray(at, at + length));
      case 3:
        return this.splice(bytes, at, at, other.subarray(borrowedAt, borrowedAt + 1 + this.below(200)));
      case 4:
        return bytes.slice(0, at);
      case 5: {
        if (at >= bytes.length) return bytes;
        const flipped = bytes.slice();
        flipped[at] ^= 1 << this.below(8);
        return flipped;
      }
      default:
        return this.pump(bytes, at, Math.max(1, length), 2 ** this.below(12));
    }
  }

  /** The same few bytes many times in place: what a regular expression or a loop in a loop does not bear. */
  pump(bytes, at, length, times) {
    const piece = bytes.subarray(at, at + length);
    if (piece.length === 0) return bytes;
    const count = Math.min(times, Math.floor(mostBytes / piece.length));
    const many = new Uint8Array(piece.length * count);
    for (let index = 0; index < count; index += 1) many.set(piece, index * piece.length);
    return this.splice(bytes, at, at + piece.length, many);
  }

  ofText(bytes, other) {
    const text = decoder.decode(bytes);
    const lines = text.split("\n");
    const at = this.below(lines.length);
    switch (this.below(7)) {
      case 0:
        lines.splice(at, 1);
        break;
      case 1:
        lines.splice(at, 0, lines[this.below(lines.length)]);
        break;
      case 2:
        lines.splice(at, 0, this.one(decoder.decode(other).split("\n")));
        break;
      case 3:
        lines[at] = this.word(lines[at], this.one(nasty));
        break;
      case 4:
        lines[at] = this.word(lines[at], this.one(decoder.decode(other).split(/[\s":=,/]+/)) ?? "");
        break;
      case 5:
        lines[at] += this.one(nasty);
        break;
      default:
        lines[at] = `${" ".repeat(this.below(6))}${lines[at].trimStart()}`;
    }
    return encoder.encode(lines.join("\n"));
  }

  /** One word of the line made another. */
  word(line, put) {
    const words = [...line.matchAll(/[^\s":=,/{}[\]]+/g)];
    if (words.length === 0) return put + line;
    const { 0: word, index } = this.one(words);
    return line.slice(0, index) + put + line.slice(index + word.length);
  }

  ofJson(bytes) {
    let value;
    try {
      value = JSON.parse(decoder.decode(bytes));
    } catch {
      return null;
    }
    const places = [];
    const walk = (node) => {
      if (typeof node !== "object" || node === null) return;
      for (const key of Object.keys(node)) {
        places.push([node, key]);
        walk(node[key]);
      }
    };
    const holder = { value };
    walk(holder);
    const [node, key] = this.one(places);
    const odd = [null, true, 0, -1, 1.5, 1e300, "", this.one(nasty), [], {}, [[]], { lines: [1] }, "x".repeat(1 + this.below(5_000)), [node[key], node[key]]];
    switch (this.below(4)) {
      case 0:
        if (Array.isArray(node)) node.splice(Number(key), 1);
        else delete node[key];
        break;
      case 1: {
        const [from, name] = this.one(places);
        node[key] = structuredClone(from[name]);
        break;
      }
      case 2:
        if (typeof node[key] === "string") node[key] = decoder.decode(this.ofText(encoder.encode(node[key]), encoder.encode(this.one(nasty))));
        else node[key] = this.one(odd);
        break;
      default:
        node[key] = this.one(odd);
    }
    return encoder.encode(JSON.stringify(holder.value, null, this.below(2)) ?? "null");
  }
}
