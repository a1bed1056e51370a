/** Which of dev and prod a host is, and what follows from it (flintlock: hack/scripts/provision.sh). */

import { isThere } from "../facts/unit.ts";
import { absent, known, unknown, type Answer } from "../host/inspector.ts";
import type { Profile } from "../report.ts";
import type { Settings } from "./settings.ts";
import type { Survey } from "./survey.ts";
import type { Units } from "./units.ts";

export interface Layout {
  profile: Profile;
  /** Why, in one line; where signs disagree, which. */
  reason: string;
  /** containerd-dev.service or containerd.service: the one flintlockd uses. */
  containerdUnit: string;
  flintlockdUnit: string;
  /** flintlockd's `containerd-socket`, absolute. */
  socket: string;
}

type Known = Exclude<Profile, "unknown">;

const usual: Record<Known, { unit: string; socket: string }> = {
  dev: { unit: "containerd-dev.service", socket: "/run/containerd-dev/containerd.sock" },
  prod: { unit: "containerd.service", socket: "/run/containerd/containerd.sock" },
};

/** `absent`: this is no flintlock host (neither unit nor configuration); `why` says what was looked for. */
export async function layout(survey: Survey): Promise<Answer<Layout>> {
  const [units, settings] = await Promise.all([survey.units(), survey.settings()]);
  if (units.kind !== "known")
    return (await hasNoTrace(survey)) ? absent(`this is no flintlock host: there is ${places}; and ${units.why}`) : unknown(units.why);
  const { flintlockd, containerdDev } = units.value;
  if (!isThere(flintlockd) && flintlockd.loadState === "not-found" && containerdDev.loadState === "not-found" && (await hasNoTrace(survey)))
    return absent(noHost);
  if (settings.kind !== "known") return unknown(settings.why);
  return known(layoutFrom(units.value, settings.value, survey.policy.profile), units.at);
}

const places = "neither /etc/opt/flintlockd nor /usr/local/bin/flintlockd nor /etc/systemd/system/flintlockd.service";
const noHost = `this is no flintlock host: systemd knows neither flintlockd.service nor containerd-dev.service, and there is ${places}`;

async function hasNoTrace(survey: Survey): Promise<boolean> {
  const looks = await Promise.all(
    ["/etc/opt/flintlockd", "/usr/local/bin/flintlockd", "/etc/systemd/system/flintlockd.service"].map((path) => survey.host.ask({ ask: "status", path })),
  );
  return looks.every(({ kind }) => kind === "absent");
}

interface Sign {
  profile: Known;
  what: string;
}

export function layoutFrom(units: Units, settings: Settings, forced: "auto" | Known): Layout {
  const { flintlockd, containerdDev, containerd } = units;
  const flintlockdUnit = flintlockd.name;
  const set = settings.of("containerd-socket");
  const socket = absolute(set.value);
  // Where the file is gone or does not parse, its socket is not known, and the default is nobody's choice.
  const { file, problem } = settings.config;
  const told = set.origin !== "default" || (file !== null && problem === null && isThere(flintlockd));
  if (forced !== "auto")
    return { profile: forced, reason: `--profile ${forced}`, containerdUnit: usual[forced].unit, flintlockdUnit, socket: told ? socket : usual[forced].socket };
  const signs = [
    ...(told ? bySocket(socket, set.where) : []),
    ...(flintlockd.requires.includes(usual.dev.unit) ? [{ profile: "dev" as const, what: `${flintlockd.name} requires ${usual.dev.unit}` }] : []),
    ...(flintlockd.requires.includes(usual.prod.unit) ? [{ profile: "prod" as const, what: `${flintlockd.name} requires ${usual.prod.unit}` }] : []),
    ...(isThere(containerdDev) && !isThere(containerd) ? [{ profile: "dev" as const, what: `of the two only ${usual.dev.unit} exists` }] : []),
    ...(isThere(containerd) && !isThere(containerdDev) ? [{ profile: "prod" as const, what: `of the two only ${usual.prod.unit} exists` }] : []),
  ];
  const [first] = signs;
  const agreed = first && signs.every(({ profile }) => profile === first.profile) ? first.profile : null;
  if (agreed)
    return {
      profile: agreed,
      reason: signs.map(({ what }) => what).join("; "),
      containerdUnit: usual[agreed].unit,
      flintlockdUnit,
      socket: told ? socket : usual[agreed].socket,
    };
  // flintlockd talks to the socket, whatever the rest says.
  const used = first?.profile ?? (isThere(containerdDev) ? "dev" : "prod");
  const reason = first
    ? `signs disagree: ${signs.map(({ what }) => what).join("; ")}; say which with --profile`
    : `containerd-socket is ${socket}, which is neither that of dev nor of prod; say which with --profile`;
  return { profile: "unknown", reason, containerdUnit: usual[used].unit, flintlockdUnit, socket };
}

function bySocket(socket: string, where: string): Sign[] {
  const from = where === "" ? " (the default)" : ` (${where})`;
  return (["dev", "prod"] as const)
    .filter((profile) => usual[profile].socket === socket)
    .map((profile) => ({ profile, what: `containerd-socket is ${socket}${from}` }));
}

/** Which file is meant, also where flintlockd does not take it (`unix://`: see stall-causes.ts); /var/run is /run (hier(7)). */
const absolute = (socket: string): string =>
  socket
    .replace(/^unix:\/\//, "")
    .replace(/^\/var\/run\//, "/run/")
    .replace(/\/{2,}/g, "/");
