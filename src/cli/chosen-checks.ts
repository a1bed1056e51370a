/** Which checks are made: `--only` and `--skip` beside `only` and `skip` of the policy file. Pure. */

import { FixError } from "../errors.ts";
import { badPolicy, type PolicyFile } from "../policy-file.ts";
import { isChosen, type Policy } from "../policy.ts";
import type { FindingId } from "../report.ts";

type Chosen = Pick<Policy, "only" | "skip">;

/** A flag beats the same key of the file, and what `--only` names is checked also where the file skips it. Throws where nothing is left. */
export function chosenChecks(flags: Partial<Chosen>, { values, places }: PolicyFile, ids: readonly FindingId[]): Chosen {
  const only = flags.only ?? values.only ?? [];
  const skip = flags.skip ?? (values.skip ?? []).filter((id) => flags.only?.includes(id) !== true);
  if (ids.some((id) => isChosen({ only, skip }, id))) return { only, skip };
  const all = only.length === 0 ? "names every check" : `leaves out all that only (${places.only ?? ""}) names`;
  if (flags.skip === undefined) throw badPolicy(places.skip ?? "", `skip: ${all}, so nothing is left to check`);
  throw new FixError("USAGE", `--skip ${all}, so nothing is left to check`, "skip fewer, or say with --only what is to be checked");
}

/** What the boot unit sees to: before the daemons start there is no more. */
const boot: readonly FindingId[] = ["thinpool-missing", "thinpool-unhealthy", "macvtap-unavailable"];

/** At boot only that of it which is chosen anyway; where this is nothing, the unit has nothing to see to, and nobody has made a mistake. */
export function chosenAtBoot({ only, skip }: Chosen): Chosen {
  const unwanted = boot.filter((id) => only.length > 0 && !only.includes(id));
  return { only: [...boot], skip: [...new Set([...skip, ...unwanted])] };
}
