/**
 * One look at a host. Each fact is asked for once, however many remediations want it, and only where one does; independent
 * facts are asked for at the same time. Everything here reads; what the answers mean is decided in src/facts, which is pure.
 */

import { known, mapAnswer, unknown, valueOf, type Answer, type Clock, type Inspector } from "../host/inspector.ts";
import type { Policy } from "../policy.ts";
import type { FindingSignature, RestartFacts } from "../remediation.ts";
import { containerd, type Containerd } from "./containerd.ts";
import { hypervisors, type Hypervisors } from "./hypervisors.ts";
import { journal, type LogEvidence } from "./journal.ts";
import { recollect, type Recollection } from "./journal-memory.ts";
import { layout, type Layout } from "./layout.ts";
import { ledgerFacts, type LedgerFacts } from "./ledger.ts";
import { kernelModules, type KernelModules } from "./kernel-modules.ts";
import { links, type Links } from "./links.ts";
import { microvms, type Microvm } from "./microvms.ts";
import { networkDefinitions, type OwnedDefinition } from "./network-definitions.ts";
import { plugins, type Plugin } from "./plugins.ts";
import { disks, type Disk } from "./disks.ts";
import { lvm, type Lvm } from "./lvm.ts";
import { pluginError } from "./plugin-error.ts";
import { pool, type PoolFacts } from "./pool.ts";
import { poolFiles, type PoolFiles } from "./pool-files.ts";
import { remembered, type Remembered } from "./remembered.ts";
import { storedRecords, type MicrovmRecord, type StoredRecords } from "./records.ts";
import { restartFacts } from "./restart.ts";
import { serving, type ServingAsSaid } from "./serving.ts";
import { settings, type Settings } from "./settings.ts";
import { thinCheck, type ThinCheck } from "./thin-check.ts";
import { units, type Units } from "./units.ts";

type Once<T> = () => Promise<Answer<T>>;

function once<T>(ask: () => Promise<Answer<T>>): Once<T> {
  let answer: Promise<Answer<T>> | undefined;
  return () => (answer ??= ask());
}

export class Survey {
  readonly clock: Once<Clock>;
  readonly units: Once<Units>;
  readonly layout: Once<Layout>;
  readonly settings: Once<Settings>;
  readonly containerd: Once<Containerd>;
  readonly pool: Once<PoolFacts>;
  readonly poolFiles: Once<PoolFiles>;
  readonly thinCheck: Once<ThinCheck>;
  readonly remembered: Once<Remembered>;
  readonly lvm: Once<Lvm>;
  readonly disks: Once<Disk[]>;
  readonly plugins: Once<Plugin[]>;
  readonly pluginError: Once<string>;
  readonly storedRecords: Once<StoredRecords>;
  readonly records: Once<MicrovmRecord[]>;
  readonly hypervisors: Once<Hypervisors>;
  readonly microvms: Once<Microvm[]>;
  readonly links: Once<Links>;
  readonly kernelModules: Once<KernelModules>;
  readonly networkDefinitions: Once<OwnedDefinition[]>;
  readonly serving: Once<ServingAsSaid>;
  readonly journal: Once<LogEvidence>;
  readonly ledger: Once<LedgerFacts>;
  readonly restart: Once<RestartFacts>;
  readonly memory: () => Promise<Recollection>;

  constructor(
    readonly host: Inspector,
    readonly policy: Policy,
    /** Every wording that counts, of every remediation: matched in one pass over the journal. */
    readonly signatures: readonly FindingSignature[],
    /** What an earlier run heard in the journal: a capture is made of what the journal itself holds, a dry run keeps nothing. */
    readonly memoryUse: "ignore" | "read" | "keep" = "read",
    /**
     * Asks only what it takes to call a host healthy, and fewer programs: what it tells of one that is well is true, of another it is
     * not enough.
     */
    readonly glance = false,
    /** A record that cannot be read leaves all of them unknown: what is said to be well is well whatever stands in it. */
    private readonly demanding = false,
  ) {
    this.clock = once(() => host.ask({ ask: "clock" }));
    this.units = once(() => units(this));
    this.layout = once(() => layout(this));
    this.settings = once(() => settings(this));
    this.containerd = once(() => containerd(this));
    this.pool = once(() => pool(this));
    this.poolFiles = once(() => poolFiles(this));
    this.thinCheck = once(() => thinCheck(this));
    this.remembered = once(() => remembered(this));
    this.lvm = once(() => lvm(this));
    this.disks = once(() => disks(this));
    this.plugins = once(() => plugins(this));
    this.pluginError = once(() => pluginError(this));
    this.storedRecords = once(() => storedRecords(this));
    this.records = once(async () => {
      const unread = this.demanding ? await this.unread() : null;
      return unread === null ? mapAnswer(await this.storedRecords(), ({ records }) => records) : unknown(unread);
    });
    this.hypervisors = once(() => hypervisors(this));
    this.microvms = once(() => microvms(this));
    this.links = once(() => links(this));
    this.kernelModules = once(() => kernelModules(this));
    this.networkDefinitions = once(() => networkDefinitions(this));
    this.serving = once(() => serving(this));
    this.journal = once(() => journal(this));
    this.ledger = once(() => ledgerFacts(this));
    this.restart = once(async () => known(await restartFacts(this)));
    let recollection: Promise<Recollection> | undefined;
    this.memory = () => (recollection ??= recollect(this));
  }

  /** Why one of the stored records could not be read, where others could; null: all were, or none. */
  async unread(): Promise<string | null> {
    return valueOf(await this.storedRecords())?.unread ?? null;
  }

  /** The same look at a host of whose records one cannot be read, for what is not to be called well without it; null where all could. */
  async withoutGuesses(): Promise<Survey | null> {
    return (await this.unread()) === null ? null : new Survey(this.host, this.policy, this.signatures, this.memoryUse, this.glance, true);
  }
}
