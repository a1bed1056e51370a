// gRPC over HTTP/2 to containerd's socket, dialled as containerd's Go client does it: it waits for a socket file, and not for a refusal.

import http2 from "node:http2";
import net from "node:net";
import { setTimeout as pause } from "node:timers/promises";

/** Words that containerd's errdefs has for a status: the client takes them off the message and puts them back at its end. */
const classes = {
  1: "context canceled",
  2: "unknown",
  3: "invalid argument",
  4: "context deadline exceeded",
  5: "not found",
  6: "already exists",
  9: "failed precondition",
  12: "not implemented",
  14: "unavailable",
};

export class RpcError extends Error {
  constructor(status, description) {
    const name = classes[status] ?? "unknown";
    super(description === name ? name : `${description.replace(new RegExp(`: ${name}$`), "")}: ${name}`);
    this.status = status;
    this.description = description;
  }
}

/** Go's words for an error of connect(2). */
const goWords = { ECONNREFUSED: "connection refused", ENOENT: "no such file or directory", EACCES: "permission denied" };

export async function dial(path) {
  for (const deadline = Date.now() + 10_000; ; await pause(100)) {
    const failed = await tryConnect(path);
    if (failed === null) return new Client(path);
    if (failed !== "ENOENT") {
      const words = goWords[failed] ?? failed;
      throw new Error(`failed to dial "${path}": connection error: desc = "transport: error while dialing: dial unix ${path}: connect: ${words}"`);
    }
    if (Date.now() > deadline)
      throw new Error(
        `failed to dial "${path}": context deadline exceeded: connection error: desc = "transport: error while dialing: dial unix:///${path}: timeout"`,
      );
  }
}

const tryConnect = (path) =>
  new Promise((resolve) => {
    const socket = net.connect(path);
    socket.on("connect", () => (socket.destroy(), resolve(null)));
    socket.on("error", (error) => resolve(error.code));
  });

class Client {
  constructor(path) {
    this.path = path;
  }

  /** Connects again where the old connection is gone, as gRPC's channel does. */
  session() {
    if (this.open && !this.open.closed && !this.open.destroyed) return this.open;
    this.open = http2.connect("http://localhost", { createConnection: () => net.connect(this.path) });
    this.open.setMaxListeners(0).on("error", () => undefined);
    return this.open;
  }

  /** Calls a method; sends the messages one by one, each after the answer to the one before, and returns all answers. */
  call(method, messages, { lease, onMessage } = {}) {
    return new Promise((resolve, reject) => {
      const session = this.session();
      const headers = { ":method": "POST", ":path": `/${method}`, "content-type": "application/grpc", te: "trailers", "containerd-namespace": "flintlock" };
      const stream = session.request(lease ? { ...headers, "containerd-lease": lease } : headers);
      const answers = [];
      const waiting = [...messages];
      let pending = Buffer.alloc(0);
      let ending;
      const sendNext = () => {
        const next = waiting.shift();
        if (next !== undefined) stream.write(framed(next));
        if (waiting.length === 0 && !stream.writableEnded) stream.end();
      };
      const note = (headers) => {
        if (headers["grpc-status"] !== undefined) ending = { status: Number(headers["grpc-status"]), words: decodeURIComponent(headers["grpc-message"] ?? "") };
      };
      const gone = (error) =>
        reject(
          new RpcError(
            14,
            goWords[error.code]
              ? `connection error: desc = "transport: error while dialing: dial unix ${this.path}: connect: ${goWords[error.code]}"`
              : "error reading from server: EOF",
          ),
        );
      session.once("error", gone);
      stream.on("response", note);
      stream.on("trailers", note);
      stream.on("error", () => undefined);
      stream.on("data", (chunk) => {
        pending = Buffer.concat([pending, chunk]);
        for (let length; pending.length >= 5 && pending.length >= 5 + (length = pending.readUInt32BE(1)); pending = pending.subarray(5 + length)) {
          const answer = pending.subarray(5, 5 + length);
          if (onMessage) onMessage(answer);
          else answers.push(answer);
          sendNext();
        }
      });
      stream.on("close", () => {
        session.removeListener("error", gone);
        if (ending?.status === 0) resolve(answers);
        else reject(ending ? new RpcError(ending.status, ending.words) : new RpcError(14, "error reading from server: EOF"));
      });
      if (messages.length === 1) stream.end(framed(waiting.shift()));
      else sendNext();
    });
  }
}

function framed(message) {
  const head = Buffer.alloc(5);
  head.writeUInt32BE(message.length, 1);
  return Buffer.concat([head, message]);
}
