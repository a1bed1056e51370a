// The little of protobuf's wire format that containerd's services need: varints, strings, bytes, messages, maps of strings.

const varint = (value) => {
  const bytes = [];
  for (let rest = BigInt(value); ; rest >>= 7n) {
    if (rest < 128n) return Buffer.from([...bytes, Number(rest)]);
    bytes.push(Number(rest & 127n) | 128);
  }
};

/** One field: a number, a string, bytes, a list of any of these, or an object of strings (a map). */
export function field(number, value) {
  if (value === undefined || value === "" || value === 0 || value === false) return Buffer.alloc(0);
  if (Array.isArray(value)) return Buffer.concat(value.map((item) => field(number, item)));
  if (typeof value === "number" || typeof value === "bigint" || typeof value === "boolean") return Buffer.concat([varint(number << 3), varint(value)]);
  if (typeof value === "string" || Buffer.isBuffer(value)) {
    const bytes = Buffer.from(value);
    return Buffer.concat([varint((number << 3) | 2), varint(bytes.length), bytes]);
  }
  return Buffer.concat(Object.entries(value).map(([key, text]) => field(number, message({ 1: key, 2: text }))));
}

/** A message from `{ FIELD_NUMBER: value }`. */
export const message = (fields) => Buffer.concat(Object.entries(fields).map(([number, value]) => field(Number(number), value)));

/** `{ FIELD_NUMBER: [values] }`: numbers for varints, buffers for the rest. */
export function decode(buffer) {
  const fields = {};
  let at = 0;
  const read = () => {
    let value = 0n;
    for (let shift = 0n; ; shift += 7n) {
      const byte = buffer[at++];
      value |= BigInt(byte & 127) << shift;
      if (byte < 128) return Number(value);
    }
  };
  while (at < buffer.length) {
    const key = read();
    const kind = key & 7;
    const value = kind === 0 ? read() : kind === 2 ? take(read()) : take(kind === 1 ? 8 : 4);
    (fields[key >> 3] ??= []).push(value);
  }
  return fields;
  function take(length) {
    at += length;
    return buffer.subarray(at - length, at);
  }
}

export const text = (fields, number) => fields[number]?.[0]?.toString() ?? "";

/** A map of strings. */
export const strings = (fields, number) => Object.fromEntries((fields[number] ?? []).map((entry) => [text(decode(entry), 1), text(decode(entry), 2)]));
