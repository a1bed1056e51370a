/** Whether a condition of a step holds now: each is looked at with an Inspector, and none changes anything. */

import type { Answer, Inspector } from "../host/inspector.ts";
import type { Survey } from "../survey/survey.ts";
import type { Condition } from "./action.ts";
import { fileCondition } from "./conditions/files.ts";
import { microvmCondition } from "./conditions/microvms.ts";
import { networkCondition } from "./conditions/network.ts";
import { serviceCondition } from "./conditions/services.ts";
import { storageCondition } from "./conditions/storage.ts";

/** `survey` makes a fresh survey: conditions are asked again and again, and answers of a survey are kept. */
export function evaluate(condition: Condition, host: Inspector, survey: () => Survey): Promise<Answer<boolean>> {
  switch (condition.is) {
    case "file-sha256":
    case "file-not":
    case "path-absent":
    case "file-size":
      return fileCondition(condition, host);
    case "loop-backing":
    case "pool-absent":
    case "pool-active":
    case "inactive-table":
    case "device-node":
    case "disk-blank":
    case "pool-tableless":
      return storageCondition(condition, host);
    case "unit-active":
    case "unit-inactive":
    case "serving":
    case "plugin-ok":
      return serviceCondition(condition, host);
    case "module-present":
    case "link-master":
      return networkCondition(condition, host);
    case "pid-not":
    case "microvms-due":
    case "microvms-settled":
      return microvmCondition(condition, host, survey);
  }
}
