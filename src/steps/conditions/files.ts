/** Conditions on files. */

import { known, mapAnswer, type Answer, type Inspector } from "../../host/inspector.ts";
import type { Condition } from "../action.ts";

type FileCondition = Extract<Condition, { is: "file-sha256" | "file-not" | "path-absent" | "file-size" }>;

export async function fileCondition(condition: FileCondition, host: Inspector): Promise<Answer<boolean>> {
  switch (condition.is) {
    case "file-sha256": {
      const file = await host.ask({ ask: "file", path: condition.path });
      return file.kind === "absent" ? known(false) : mapAnswer(file, ({ sha256 }) => sha256 === condition.sha256);
    }
    case "file-not": {
      const file = await host.ask({ ask: "file", path: condition.path });
      return file.kind === "absent" ? known(true) : mapAnswer(file, ({ sha256 }) => sha256 !== condition.sha256);
    }
    case "path-absent": {
      const status = await host.ask({ ask: "status", path: condition.path });
      return status.kind === "absent" ? known(true) : mapAnswer(status, () => false);
    }
    case "file-size": {
      const status = await host.ask({ ask: "status", path: condition.path });
      return status.kind === "absent" ? known(false) : mapAnswer(status, ({ type, size }) => type === "file" && size === condition.bytes);
    }
  }
}
