// What flintlock keeps in containerd: each save of a MicroVM as a labelled blob under the MicroVM's lease, and its snapshots.

import { decode, message, strings, text } from "./protobuf.mjs";

const domain = "dev.liquidmetal.flintlockd";
const content = "containerd.services.content.v1.Content";
const leases = "containerd.services.leases.v1.Leases";
const snapshots = "containerd.services.snapshots.v1.Snapshots";

export class Store {
  constructor(client) {
    this.client = client;
  }

  /** Content with a microvm label that fits: [{ digest, labels }]. */
  async walk(filters) {
    const filter = Object.entries(filters).map(([name, value]) => `labels."${domain}/${name}"=="${value}"`);
    const pages = await this.client.call(`${content}/List`, [message({ 1: filter.length > 0 ? [filter.join(",")] : [] })]).catch((error) => {
      throw new Error(`walking content store: ${error.message}`);
    });
    return pages.flatMap((page) => (decode(page)[1] ?? []).map(decode)).map((info) => ({ digest: text(info, 1), labels: strings(info, 5) }));
  }

  /** The newest version of every MicroVM. */
  async all(namespace) {
    const newest = new Map();
    for (const { digest, labels } of await this.walk({ type: "microvm", ...(namespace && { ns: namespace }) })) {
      const [uid, version] = [labels[`${domain}/uid`], Number(labels[`${domain}/version`])];
      if (version > (newest.get(uid)?.version ?? -1)) newest.set(uid, { version, digest });
    }
    return Promise.all([...newest.values()].map(({ digest }) => this.read(digest)));
  }

  async get(id) {
    const [ns, name, uid] = id.split("/");
    const versions = (await this.walk({ name, ns, uid })).map(({ digest, labels }) => ({ digest, version: Number(labels[`${domain}/version`]) }));
    versions.sort((a, b) => b.version - a.version);
    return versions[0] ? this.read(versions[0].digest) : null;
  }

  async read(digest) {
    const parts = await this.client.call(`${content}/Read`, [message({ 1: digest })]);
    return JSON.parse(Buffer.concat(parts.map((part) => decode(part)[2]?.[0] ?? Buffer.alloc(0))).toString());
  }

  /** Saves a new version where anything differs from the newest. */
  async save(microvm) {
    const old = await this.get(microvm.id);
    if (old && JSON.stringify(old) === JSON.stringify(microvm)) return;
    const [ns, name, uid] = microvm.id.split("/");
    const lease = `flintlock/${microvm.id}`;
    await this.client.call(`${leases}/Create`, [message({ 1: lease })]).catch((error) => {
      if (error.status !== 6) throw error;
    });
    microvm.version += 1;
    const data = Buffer.from(JSON.stringify(microvm));
    const ref = `${domain}/microvm/${microvm.id}`;
    const labels = { name, ns, type: "microvm", uid, version: String(microvm.version) };
    const own = Object.fromEntries(Object.entries(labels).map(([label, value]) => [`${domain}/${label}`, value]));
    const [begin, write, commit] = [{ 2: ref }, { 1: 1, 2: ref, 6: data }, { 1: 2, 2: ref, 3: data.length, 5: data.length, 7: own }];
    await this.client.call(`${content}/Write`, [begin, write, commit].map(message), { lease });
  }

  /** With its lease go its records and snapshots: containerd collects what nothing holds. */
  forget(id) {
    return this.client.call(`${leases}/Delete`, [message({ 1: `flintlock/${id}`, 2: true })]);
  }

  async hasSnapshot(snapshotter, key) {
    const pages = await this.client.call(`${snapshots}/List`, [message({ 1: snapshotter })]).catch((error) => {
      throw new Error(`walking snapshots: ${error.message}`);
    });
    return pages.flatMap((page) => (decode(page)[1] ?? []).map(decode)).some((info) => text(info, 1) === key);
  }

  /** The source of its mount; made where it is not there. */
  async snapshot(snapshotter, key, lease) {
    const method = (await this.hasSnapshot(snapshotter, key)) ? "Mounts" : "Prepare";
    const [answer] = await this.client.call(`${snapshots}/${method}`, [message({ 1: snapshotter, 2: key })], { lease });
    const mount = decode(decode(answer)[1][0]);
    return text(mount, 2);
  }

  /** Resolves, with the reason, when containerd goes away. */
  async untilGone() {
    try {
      await this.client.call("containerd.services.events.v1.Events/Subscribe", [message({ 1: `topic=="/microvm"` })], { onMessage: () => undefined });
      return "rpc error: code = Unavailable desc = error reading from server: EOF";
    } catch (error) {
      return `rpc error: code = Unavailable desc = ${error.description ?? error.message}`;
    }
  }
}
