/** The journal's message catalog for our MESSAGE_IDs: `journalctl -x` then explains each entry (systemd: docs/MESSAGE_CATALOG). */

import { eventKinds } from "../heal/event-kinds.ts";
import { mark } from "./units.ts";

export function catalogFile(): string {
  const pages = Object.values(eventKinds).map(({ messageId, subject, page }) => `-- ${messageId}\nSubject: ${subject}\nDefined-By: flintlock-fix\n\n${page}\n`);
  return `# ${mark}\n\n${pages.join("\n")}`;
}
