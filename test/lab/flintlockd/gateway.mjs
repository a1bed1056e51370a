// The HTTP gateway's create, delete and list, as far as the lab calls them.

import { log } from "./log.mjs";
import { recordOf } from "./reconcile.mjs";

export async function serveGateway(request, response, app, settings) {
  const answer = (status, body) => response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(body));
  try {
    const token = settings["basic-auth-token"];
    if (token !== "" && request.headers.authorization !== `Basic ${Buffer.from(token).toString("base64")}`)
      return answer(401, { code: 16, message: "invalid auth token", details: [] });
    if (!app.store) return answer(503, { code: 14, message: "connection error", details: [] });
    const [, word] = /^\/v1alpha1\/microvm\/?([^/?]*)/.exec(request.url ?? "") ?? [];
    if (request.method === "POST") return answer(200, { microvm: shown(await create(await body(request), app, settings)) });
    if (request.method === "DELETE") return answer(200, await remove(word, app));
    return answer(200, { microvm: (await app.store.all(word)).map(shown) });
  } catch (error) {
    return answer(500, { code: 2, message: error.message, details: [] });
  }
}

async function create(wanted, app, settings) {
  let record;
  try {
    record = recordOf(wanted, settings);
  } catch (error) {
    log("error", `failed to create microvm: ${error.message}`);
    throw new Error(`creating microvm: ${error.message}`, { cause: error });
  }
  await app.store.save(record);
  app.enqueue(record.id);
  return record;
}

/** Marks it as deleted: the pause of its last failure is still waited for. */
async function remove(uid, app) {
  const record = (await app.store.all()).find(({ id }) => id.endsWith(`/${uid}`));
  if (!record) throw new Error(`getting microvm spec: spec ${uid} not found`);
  record.spec.deleted_at = Math.floor(Date.now() / 1000);
  record.status.retry = 0;
  record.status.state = "deleting";
  await app.store.save(record);
  app.enqueue(record.id);
  return {};
}

async function body(request) {
  const parts = [];
  for await (const part of request) parts.push(part);
  return JSON.parse(Buffer.concat(parts).toString());
}

const shown = ({ id, version, spec, status }) => {
  const [namespace, name, uid] = id.split("/");
  return { version, spec: { id: name, namespace, uid, provider: spec.provider }, status: { state: status.state.toUpperCase(), retry: status.retry } };
};
