// A container registry on localhost:5000 with one small image under every name, for a real flintlockd: it pulls before each mount.

import { createHash } from "node:crypto";
import { createServer } from "node:http";
import { gzipSync } from "node:zlib";

const digest = (bytes) => `sha256:${createHash("sha256").update(bytes).digest("hex")}`;

/** A POSIX tar header: octal fields, and a checksum taken with the checksum field as spaces. */
function entry(name, data) {
  const header = Buffer.alloc(512);
  const octal = (value, width) => `${value.toString(8).padStart(width - 1, "0")}\0`;
  header.write(data === null ? `${name}/` : name, 0);
  header.write(octal(data === null ? 0o755 : 0o644, 8) + octal(0, 8) + octal(0, 8) + octal(data?.length ?? 0, 12) + octal(0, 12), 100);
  header.write(`        ${data === null ? "5" : "0"}`, 148);
  header.write("ustar\u000000", 257);
  header.write(
    `${octal(
      header.reduce((sum, byte) => sum + byte, 0),
      7,
    )} `,
    148,
  );
  return data === null ? header : Buffer.concat([header, data, Buffer.alloc((512 - (data.length % 512)) % 512)]);
}

const layer = Buffer.concat([entry("boot", null), entry("boot/vmlinux", Buffer.alloc(4096, "k")), Buffer.alloc(1024)]);
const packed = gzipSync(layer);
const config = Buffer.from(JSON.stringify({ architecture: "amd64", os: "linux", config: {}, rootfs: { type: "layers", diff_ids: [digest(layer)] } }));
const type = (kind) => `application/vnd.oci.image.${kind}`;
const manifest = Buffer.from(
  JSON.stringify({
    schemaVersion: 2,
    mediaType: type("manifest.v1+json"),
    config: { mediaType: type("config.v1+json"), digest: digest(config), size: config.length },
    layers: [{ mediaType: type("layer.v1.tar+gzip"), digest: digest(packed), size: packed.length }],
  }),
);
const blobs = new Map([manifest, config, packed].map((bytes) => [digest(bytes), bytes]));

createServer((request, response) => {
  const [, kind, reference] = /\/(manifests|blobs)\/([^?]+)/.exec(request.url ?? "") ?? [];
  if (kind === undefined) return response.end("{}");
  const body = blobs.get(reference) ?? (kind === "manifests" ? manifest : undefined);
  if (body === undefined) return response.writeHead(404).end();
  response.setHeader("Content-Type", kind === "manifests" ? type("manifest.v1+json") : "application/octet-stream");
  response.setHeader("Docker-Content-Digest", digest(body));
  response.setHeader("Content-Length", body.length);
  return response.end(request.method === "HEAD" ? undefined : body);
}).listen(5000, "127.0.0.1");
