/** For hosts whose timers are not wanted: /etc/cron.d/flintlock-fix (crontab(5)). */

import { safePath } from "../host/process-group.ts";
import { mark, type Program } from "./units.ts";

/** `schedule`: the five fields. Output is mailed by cron, so there is some only when something changed or a person is needed. */
export function cronFile({ node, fix }: Pick<Program, "node" | "fix">, schedule: string): string {
  const command = `${quoted(node)} ${quoted(fix)} --apply --unattended=cron`;
  return `# ${mark} Mails what it prints: that something was done, or that a person is needed, and neither twice.
SHELL=/bin/sh
PATH=${safePath}
${schedule} root ${command}
`;
}

/** crontab(5): an unescaped % is a line break. */
function quoted(path: string): string {
  return (/^[\w@+=:,./-]+$/.test(path) ? path : `'${path.replaceAll("'", `'\\''`)}'`).replaceAll("%", "\\%");
}
