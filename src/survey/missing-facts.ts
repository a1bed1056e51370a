/** What is found out about a pool that is not there. */

import type { Devpool, Reason } from "../facts/devpool.ts";
import type { Stage } from "../facts/direct-lvm.ts";
import type { Volume } from "../facts/volume-group.ts";
import type { Answer } from "../host/inspector.ts";
import type { Evidence } from "../report.ts";
import type { Disk } from "./disks.ts";
import { provisionScript, type ProvisionScript } from "./provision-script.ts";
import type { Survey } from "./survey.ts";

export type MissingPool =
  | { way: "devpool"; devpool: Devpool; script: ProvisionScript | null }
  | { way: "activate"; volume: Volume }
  | {
      way: "provision";
      volume: Volume;
      from: Stage;
      disks: Disk[];
      writeProfile: boolean;
      script: ProvisionScript | null;
      /** Other thin pools of this host, and where pool_name is set: a slip in it looks like a missing pool. */
      elsewhere: string[];
      poolWhere: string;
    }
  | { way: "refused"; reason: Reason };

export interface Found {
  facts: MissingPool;
  evidence: Evidence[];
  /** Behind "device-mapper pool NAME does not exist". */
  because: string;
}

export const refusal = (reason: Reason, because: string, seen: Evidence[] = []): Found => ({ facts: { way: "refused", reason }, evidence: seen, because });

/** Something that has to be known is not: then the whole is unknown. */
export class Untold extends Error {}

export function sure<T>(answer: Answer<T>): T {
  if (answer.kind === "known") return answer.value;
  throw new Untold(answer.why);
}

/** Null where the tool does it itself. */
export async function scriptFor(survey: Survey): Promise<ProvisionScript | Reason | null> {
  return survey.policy.provisioner === "script" ? sure(await provisionScript(survey)) : null;
}
