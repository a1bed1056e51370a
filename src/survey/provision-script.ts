/** The provision.sh of `--provisioner script`: run as root, so nobody but root may be able to change it. */

import type { Reason } from "../facts/devpool.ts";
import { known, unknown, type Answer } from "../host/inspector.ts";
import type { Survey } from "./survey.ts";

export interface ProvisionScript {
  /** Its path, behind bash where it is not executable. */
  argv: string[];
  sha256: string;
}

/** Known to be a reason where it must not be used. */
export async function provisionScript(survey: Survey): Promise<Answer<ProvisionScript | Reason>> {
  const { provisionScript: path } = survey.policy;
  const code = "UNSAFE_PROVISION_SCRIPT";
  const hint = "name it by its absolute path: --provision-script /usr/local/sbin/provision.sh (chown root:root, chmod 755)";
  if (path === null) return known({ code: "NO_PROVISION_SCRIPT", message: "--provisioner script needs --provision-script PATH", hint });
  if (!path.startsWith("/") || path.includes("/../") || path.endsWith("/..")) return known({ code, message: `${path} is no absolute path`, hint });
  const places = path.split("/").map((_, index, parts) => parts.slice(0, index + 1).join("/") || "/");
  const looks = await Promise.all(places.map((place) => survey.host.ask({ ask: "status", path: place })));
  for (const [index, look] of looks.entries()) {
    const place = places[index] ?? path;
    if (look.kind === "absent") return known({ code: "NO_PROVISION_SCRIPT", message: `${place} does not exist`, hint });
    if (look.kind === "unknown") return unknown(look.why);
    const { type, mode, uid } = look.value;
    const wanted = place === path ? "file" : "directory";
    if (type !== wanted) return known({ code, message: `${place} is a ${type}, not a ${wanted}: it must be named by its own path`, hint });
    // A sticky folder like /tmp lets nobody rename what is root's.
    const sticky = type === "directory" && (mode & 0o1000) !== 0;
    if (uid !== 0 || ((mode & 0o022) !== 0 && !sticky))
      return known({
        code,
        message: `${place} ${uid === 0 ? "can be written by others than root" : "is not owned by root"}`,
        hint: `chown root:root ${place} && chmod go-w ${place}`,
      });
  }
  const [file, status] = await Promise.all([survey.host.ask({ ask: "file", path }), survey.host.ask({ ask: "status", path })]);
  if (file.kind !== "known") return unknown(file.why);
  const executable = status.kind === "known" && (status.value.mode & 0o111) !== 0;
  return known({ argv: executable ? [path] : ["bash", path], sha256: file.value.sha256 });
}

export const isReason = (value: object): value is Reason => "code" in value;
