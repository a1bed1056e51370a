/** SHA-256, with Node's crypto loaded when the first one is wanted: it brings all of Node's streams along. */

export function sha256(data: string | Uint8Array): string {
  return process.getBuiltinModule("node:crypto").createHash("sha256").update(data).digest("hex");
}
