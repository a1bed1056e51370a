/**
 * How a MicroVM is deleted and created again by hand over flintlockd's API: its HTTP gateway with `enable-http`, else gRPC,
 * whose reflection is switched on (flintlock: api/services/microvm/v1alpha1/microvms.proto, internal/command/run/run.go).
 */

import type { Settings } from "./settings.ts";

/** For a shell. Null where the UID is none, so that nothing a caller chose comes into a command. */
export function recreateCommands({ of }: Settings, uid: string): { keep: string; remove: string; create: string } | null {
  if (!/^[0-9A-Za-z]{1,64}$/.test(uid)) return null;
  const http = of("enable-http").value === "true";
  const endpoint = reachable(of(http ? "http-endpoint" : "grpc-endpoint").value);
  if (!/^[0-9A-Za-z.:[\]_-]{1,255}$/.test(endpoint)) return null;
  const auth = of("basic-auth-token").value === "" ? "" : ` -H "authorization: Basic $(printf %s 'TOKEN' | base64 -w0)"`;
  const spec = "del(.uid, .createdAt, .updatedAt, .deletedAt, .created_at, .updated_at, .deleted_at)";
  if (http) {
    const url = `http://${endpoint}/v1alpha1/microvm`;
    return {
      keep: `curl -fsS${auth} ${url}/${uid} >${uid}.json`,
      remove: `curl -fsS${auth} -X DELETE ${url}/${uid}`,
      create: `jq '.microvm.spec | ${spec}' ${uid}.json | curl -fsS${auth} -X POST --data-binary @- ${url}`,
    };
  }
  const call = (method: string, input: string): string => `grpcurl${of("insecure").value === "true" ? " -plaintext" : ""}${auth} -d ${input} ${endpoint} microvm.services.api.v1alpha1.MicroVM/${method}`;
  const byUid = `'{"uid":"${uid}"}'`;
  return {
    keep: `${call("GetMicroVM", byUid)} >${uid}.json`,
    remove: call("DeleteMicroVM", byUid),
    create: `jq '{microvm: (.microvm.spec | ${spec})}' ${uid}.json | ${call("CreateMicroVM", "@")}`,
  };
}

/** Where it listens on every address, this host reaches it on its own. */
function reachable(endpoint: string): string {
  return endpoint.replace(/^(?:0\.0\.0\.0|\[::\])?:(?=\d+$)/, "127.0.0.1:");
}
