// A stand-in for flintlockd: its settings, its silence, its records, its pauses and its words, without its gRPC.
// What it leaves out: pulling images (a snapshot is made of nothing), TLS, MicroVMs that boot.

import { createServer } from "node:http";
import net from "node:net";
import { setInterval } from "node:timers";
import { setTimeout as pause } from "node:timers/promises";
import { serveGateway } from "./gateway.mjs";
import { dial } from "./grpc.mjs";
import { log, logTo } from "./log.mjs";
import { Reconciler } from "./reconcile.mjs";
import { durationMs, settingsOf, usage } from "./settings.mjs";
import { Store } from "./store.mjs";

const controller = { controller: "microvm" };

function fail(words) {
  process.stderr.write(`Error: ${words}\n${usage()}\n`);
  const now = new Date().toISOString();
  process.stderr.write(`${now.slice(0, 10).replaceAll("-", "/")} ${now.slice(11, 19)} ${words}\n`);
  process.exit(1);
}

const [verb, ...words] = process.argv.slice(2);
if (verb !== "run") {
  process.stdout.write("flintlockd stand-in\n");
  process.exit(0);
}

let settings;
try {
  settings = settingsOf(words);
} catch (error) {
  fail(error.message);
}
logTo(settings["log-format"], settings["log-output"]);
log("info", "flintlockd, version=undefined, built_on=undefined, commit=undefined");
if (settings["parent-iface"] === "" && settings["bridge-name"] === "") fail("you must supply at least one of parent interface, bridge name");
log("info", `Default microvm provider: ${settings["default-provider"]}`);
log("info", "flintlockd grpc api server starting");
process.on("SIGHUP", () => undefined);
// An empty wait group does not end the process: it waits for a signal that only Ctrl-C sends.
setInterval(() => undefined, 1 << 30);

const shutdown = { down: false, servers: [], then: [] };

/** One part that fails takes all others down; the process stays. */
function shutDown(what, error) {
  log("error", `${what}: ${error.message}`);
  if (shutdown.down) return;
  shutdown.down = true;
  for (const server of shutdown.servers) server.close();
  for (const next of shutdown.then) next();
}

function listen(server, endpoint) {
  const [, host, port] = /^(.*):(\d+)$/.exec(endpoint) ?? [null, endpoint, "0"];
  return new Promise((resolve, reject) => {
    server.once("error", (error) => {
      const goWords = { EADDRINUSE: "bind: address already in use", EADDRNOTAVAIL: "bind: cannot assign requested address", EACCES: "bind: permission denied" };
      const address = net.isIP(host) || host === "localhost" ? ` ${host === "localhost" ? "127.0.0.1" : host}:${port}` : "";
      const words = ["ENOTFOUND", "EAI_AGAIN"].includes(error.code)
        ? `lookup ${host} on [::1]:53: read udp [::1]:40000->[::1]:53: read: connection refused`
        : (goWords[error.code] ?? error.message);
      reject(new Error(`listen tcp${address}: ${words}`));
    });
    server.listen(Number(port), host.replace(/^\[|\]$/g, "") || undefined, resolve);
    shutdown.servers.push(server);
  });
}

async function api() {
  try {
    await dial(settings["containerd-socket"]);
  } catch (error) {
    throw new Error(`initialising ports for application: creating containerd client: ${error.message}`, { cause: error });
  }
  if (settings["basic-auth-token"] === "") log("warning", "basic authentication is DISABLED");
  else log("info", "basic authentication is enabled");
  log("warning", "TLS is DISABLED");
  if (shutdown.down) return;
  try {
    await listen(
      net.createServer((socket) => socket.on("error", () => undefined)),
      settings["grpc-endpoint"],
    );
  } catch (error) {
    throw new Error(`setting up gRPC api listener: ${error.message}`, { cause: error });
  }
}

async function http(app) {
  const server = createServer((request, response) => serveGateway(request, response, app, settings));
  shutdown.then.push(() => log("info", "shutting down the http gateway server"));
  try {
    await listen(server, settings["http-endpoint"]);
    await new Promise((_, reject) => server.once("close", () => reject(new Error("http: Server closed"))));
  } catch (error) {
    throw new Error(`listening and serving http api: ${error.message}`, { cause: error });
  }
}

async function controllers(app) {
  try {
    app.store = new Store(await dial(settings["containerd-socket"]));
  } catch (error) {
    throw new Error(`initialising ports for controller: creating containerd client: ${error.message}`, { cause: error });
  }
  log("info", "starting microvm controller");
  log("info", "starting microvm controller with 1 workers", controller);
  const queue = [];
  let wake = () => undefined;
  app.enqueue = (id) => {
    if (!queue.includes(id)) queue.push(id);
    wake();
  };
  app.reconciler = new Reconciler(app.store, settings, app.enqueue);
  const resync = async (when) => {
    log("info", "resyncing microvm specs", controller);
    try {
      for (const { id } of await app.store.all()) app.enqueue(id);
    } catch (error) {
      log("error", `resyncing specs${when}: getting all microvm specs for resync: ${error.message}`, controller);
    }
  };
  await resync(" on start");
  log("info", "starting event listener", controller);
  log("info", "Starting workersnum_workers1", controller);
  setInterval(() => void resync(""), durationMs(settings["resync-period"]));
  void app.store.untilGone().then(flood);
  shutdown.then.push(() => {
    log("info", "Shutdown request received, waiting got children to finish", controller);
    log("info", "All children finished", controller);
  });
  while (!shutdown.down) {
    const id = queue.shift();
    if (id === undefined) {
      await new Promise((resolve) => (wake = resolve));
      continue;
    }
    try {
      await app.reconciler.reconcile(id);
    } catch (error) {
      log("error", `failed to reconcile vmid ${id}: ${error.message}`, controller);
      app.enqueue(id);
      await pause(20);
    }
  }
}

/** containerd is gone: its closed channel is read for ever, as fast as the journal takes it. */
async function flood(reason) {
  log("error", "error from containerd event service", { ...controller, error: reason, service: "containerd_event_service" });
  log("error", `error from event service: ${reason}`, controller);
  for (;;) {
    for (let i = 0; i < 20; i++) {
      log("error", "error from containerd event service", { ...controller, error: "<nil>", service: "containerd_event_service" });
      log("error", "error from event service: %!s(<nil>)", controller);
    }
    await pause(20);
  }
}

const app = {};
if (settings["disable-api"] !== "true") api().catch((error) => shutDown("failed serving api", error));
if (settings["enable-http"] === "true") http(app).catch((error) => shutDown("failed serving http api", error));
if (settings["disable-reconcile"] !== "true") controllers(app).catch((error) => shutDown("failed running controllers", error));
