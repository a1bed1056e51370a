/** What a unit of Type=notify tells systemd (sd_notify(3)). Node has no datagram sockets of AF_UNIX, so systemd-notify(1) sends it. */

import { spawn } from "node:child_process";
import { environment } from "../../host/process-group.ts";

export class ServiceManager {
  private readonly socket = process.env["NOTIFY_SOCKET"] ?? "";
  private timer: NodeJS.Timeout | undefined;

  tell(...words: string[]): void {
    if (this.socket === "") return;
    const child = spawn("systemd-notify", words, { env: { ...environment(), NOTIFY_SOCKET: this.socket }, cwd: "/", stdio: "ignore", timeout: 10_000 });
    child.on("error", () => undefined);
  }

  /** Twice within the time that systemd allows (WATCHDOG_USEC); a loop that hangs tells nothing. */
  keepAlive(): void {
    const withinMs = Number(process.env["WATCHDOG_USEC"] ?? "0") / 1000;
    if (withinMs > 0) this.timer = setInterval(() => this.tell("WATCHDOG=1"), withinMs / 2);
  }

  stop(): void {
    clearInterval(this.timer);
    this.tell("STOPPING=1");
  }
}
