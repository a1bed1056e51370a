/** A systemd unit as `systemctl show` tells it: org.freedesktop.systemd1(5) names the properties. */

export interface ExecCommand {
  path: string;
  argv: string[];
}

export interface Unit {
  name: string;
  /** loaded, not-found, masked, bad-setting, error */
  loadState: string;
  /** active, reloading, inactive, failed, activating, deactivating */
  activeState: string;
  /** running, dead, auto-restart, start-pre, … */
  subState: string;
  /** enabled, disabled, masked, static, … ; empty where systemd does not know */
  unitFileState: string;
  /** success, exit-code, signal, … */
  result: string;
  mainPid: number;
  restarts: number;
  execMainCode: number;
  execMainStatus: number;
  /** Of its current (or last) start; empty where it never started in this boot. */
  invocationId: string;
  /** Microseconds since boot; 0 where it has not happened. */
  execMainStartUs: number;
  activeEnterUs: number;
  activeExitUs: number;
  inactiveEnterUs: number;
  execStart: ExecCommand[];
  execStartPre: ExecCommand[];
  fragmentPath: string;
  dropInPaths: string[];
  /** control-group, mixed, process, none */
  killMode: string;
  restart: string;
  restartUs: number;
  requires: string[];
  wants: string[];
  after: string[];
  environment: string[];
  environmentFiles: string[];
  needDaemonReload: boolean;
  controlGroup: string;
}
