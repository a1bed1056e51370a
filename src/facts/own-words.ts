/**
 * The daemon's own words in a line of its log. Names, images and bridges are chosen by whoever calls the API, and the
 * answers of a registry by whoever runs it: their text may look like any error, so it is taken out before a wording is
 * looked for, and the wording has to stand where flintlock writes it.
 */

import { longest, type LogLine } from "./logrus.ts";

export interface OwnWords {
  /** NAMESPACE/NAME/UID; null where the line is not about one MicroVM. */
  microvm: string | null;
  /** What a signature is matched against; null where nothing in the line may count. */
  text: string | null;
}

/**
 * infrastructure/controllers/microvm_controller.go: `failed to reconcile vmid NS/NAME/UID: …`, at the very start. Neither
 * part can hold a slash (core/models/vmid.go), and a UID is a ULID; the runbook writes FOO/BAR/ID. In the log of older
 * versions, and where a message is quoted, a quote comes first.
 */
const reconcile = /^["'`]?failed to reconcile vmid <?([^/]{1,512}\/[^/]{1,512}\/[A-Za-z0-9_-]{1,64})>?: ?/;
/** Before v0.1.0 a MicroVM had no UID. */
const reconcileOld = /^["'`]?failed to reconcile vmid ([^/\s:]{1,255}\/[^/\s:]{1,255}): ?/;
/** core/application/errors.go: reachedMaximumRetryError. */
const gaveUp = /^microvm reconciliation for ([^/]{1,512}\/[^/]{1,512}\/[A-Za-z0-9_-]{1,64}) failed \d{1,9} times$/;
/** The Go log package's own time. */
const goTime = /^\d{4}\/\d\d\/\d\d \d\d:\d\d:\d\d /;
/** Messages of others (infrastructure/grpc/server.go, microvm_controller.go): they quote a caller's text as it is. */
const ofCallers = /^(?:failed to (?:create|delete|get|getting|list|stream|parse) |invalid |sanitized |microvm provider |vmid isn't )/;
/** core/application/errors.go: the one of them that tells a fault. */
const macvtapRefused = /^failed to create microvm: macvtap network interfaces not supported by the microvm provider$/;

export function ownWords(unit: "flintlockd" | "containerd", { level, msg: whole, error, id }: LogLine): OwnWords {
  const msg = whole.slice(0, longest);
  if (level === "info" || level === "debug") return { microvm: null, text: null };
  if (unit === "containerd")
    return { microvm: null, text: withoutQuotedText([msg, ...(id === null ? [] : [id]), ...(error === null ? [] : [error.slice(0, longest)])].join(": ")) };
  const about = reconcile.exec(msg) ?? reconcileOld.exec(msg);
  if (about?.[1] !== undefined) return { microvm: about[1], text: withoutForeignText(msg.slice(about[0].length).replaceAll(about[1], "…")) };
  const last = gaveUp.exec(msg);
  if (last?.[1] !== undefined) return { microvm: last[1], text: msg.replace(last[1], "…") };
  if (ofCallers.test(msg)) return { microvm: null, text: macvtapRefused.test(msg) ? msg : null };
  return { microvm: null, text: withoutForeignText(msg.replace(goTime, "")) };
}

function withoutForeignText(text: string): string {
  return withoutQuotedText(withoutRemote(withoutImage(text)));
}

/** core/steps/runtime/volume_mount.go and its like: `mount images IMAGE for volume use: …`, `checking if image IMAGE …`. */
function withoutImage(text: string): string {
  const from = text.indexOf("mount images ");
  const to = text.lastIndexOf(" for volume use: ");
  const rest = from !== -1 && to > from ? `${text.slice(0, from)}mount images … for volume use: ${text.slice(to + " for volume use: ".length)}` : text;
  return rest.replace(/\b(getting image|checking if image|pulling image|image) (\S{1,512})/, "$1 …");
}

/** From where a registry speaks on (containerd: core/remotes/docker), nothing is the daemon's own. */
function withoutRemote(text: string): string {
  const at = text.search(/failed to resolve reference|failed to copy:|failed to do request|unexpected status|failed to fetch|pulling image|parsing reference/);
  return at === -1 ? text : text.slice(0, at);
}

/** Go's %q around something that has a blank in it: a name has none, a text may say anything. */
function withoutQuotedText(text: string): string {
  if (!text.includes('"')) return text;
  return text.replace(/"((?:[^"\\]|\\[\s\S])*)(?:"|$)/g, (whole, inner: string) => (/\s/.test(inner) ? '"…"' : whole));
}
