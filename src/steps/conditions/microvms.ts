/** Conditions on MicroVMs: what a pid file names, and whether any MicroVM still waits. */

import { parsePid } from "../../facts/process.ts";
import { known, mapAnswer, unknown, type Answer, type Inspector } from "../../host/inspector.ts";
import { processAt } from "../../survey/microvms.ts";
import type { Survey } from "../../survey/survey.ts";
import type { Condition } from "../action.ts";

type MicrovmCondition = Extract<Condition, { is: "pid-not" | "microvms-due" | "microvms-settled" }>;

export async function microvmCondition(condition: MicrovmCondition, host: Inspector, survey: () => Survey): Promise<Answer<boolean>> {
  switch (condition.is) {
    case "pid-not":
      return namesOther(condition, host);
    case "microvms-due": {
      const [microvms, clock] = await Promise.all([survey().microvms(), host.ask({ ask: "clock" })]);
      if (clock.kind !== "known") return clock;
      return settledUnless(microvms, ({ state, due, record }) => state === "waiting" && (due === "under-way" || record.notBefore * 1000 > clock.value.nowMs));
    }
    case "microvms-settled":
      return settledUnless(await survey().microvms(), ({ state }) => state === "waiting");
  }
}

type Microvms = Awaited<ReturnType<Survey["microvms"]>>;

/** No MicroVM at all is settled too. */
function settledUnless(microvms: Microvms, waits: (microvm: Extract<Microvms, { kind: "known" }>["value"][number]) => boolean): Answer<boolean> {
  if (microvms.kind === "absent") return known(true);
  return mapAnswer(microvms, (all) => !all.some(waits));
}

/** The file no longer names that very process: a PID and its start time name one for ever. */
async function namesOther({ path, pid, startTicks }: Extract<Condition, { is: "pid-not" }>, host: Inspector): Promise<Answer<boolean>> {
  const file = await host.ask({ ask: "file", path });
  if (file.kind === "absent") return known(true);
  if (file.kind === "unknown") return file;
  if (parsePid(file.value.text) !== pid) return known(true, file.at);
  const process = await processAt(host, pid);
  if (process.kind === "absent") return known(true);
  return process.kind === "known" ? known(process.value.startTicks !== startTicks, process.at) : unknown(process.why);
}
