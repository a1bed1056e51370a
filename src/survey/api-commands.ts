/**
 * How a MicroVM is deleted and created again by hand over flintlockd's API: its HTTP gateway with `enable-http`, else gRPC,
 * whose reflection is switched on (flintlock: api/services/microvm/v1alpha1/microvms.proto, internal/command/run/run.go).
 */

import type { Settings } from "./settings.ts";

export interface RecreateCommands {
  keep: string;
  remove: string;
  create: string;
}

/** For a shell. Null where a part is no plain word: nothing that a caller of the API chose comes into a command. */
export function recreateCommands({ of }: Settings, { namespace, uid }: { namespace: string; uid: string }): RecreateCommands | null {
  if (!/^[0-9A-Za-z]{1,64}$/.test(uid)) return null;
  const http = of("enable-http").value === "true" && /^[0-9A-Za-z][0-9A-Za-z._-]{0,252}$/.test(namespace);
  const endpoint = reachable(of(http ? "http-endpoint" : "grpc-endpoint").value);
  if (!/^[0-9A-Za-z.:[\]_-]{1,255}$/.test(endpoint)) return null;
  const auth = of("basic-auth-token").value === "" ? "" : ` -H "authorization: Basic $(printf %s 'TOKEN' | base64 -w0)"`;
  const file = `${uid}.json`;
  const spec = "del(.uid, .createdAt, .updatedAt, .deletedAt)";
  if (http) {
    const url = `http://${endpoint}/v1alpha1/microvm`;
    // GET …/microvm/UID is answered as GET …/microvm/NAMESPACE: the two patterns are the same, and the second one wins.
    return {
      keep: `curl -fsS${auth} ${url}/${namespace} | jq '.microvm[].spec | select(.uid == "${uid}") | ${spec}' >${file}`,
      remove: `curl -fsS${auth} -X DELETE ${url}/${uid}`,
      create: `curl -fsS${auth} -X POST --data-binary @${file} ${url}`,
    };
  }
  const call = (method: string, input: string): string => `grpcurl${of("insecure").value === "true" ? " -plaintext" : ""}${auth} -d ${input} ${endpoint} microvm.services.api.v1alpha1.MicroVM/${method}`;
  const byUid = `'{"uid":"${uid}"}'`;
  return {
    keep: `${call("GetMicroVM", byUid)} | jq '{microvm: (.microvm.spec | ${spec})}' >${file}`,
    remove: call("DeleteMicroVM", byUid),
    create: `${call("CreateMicroVM", "@")} <${file}`,
  };
}

/** Where it listens on every address, this host reaches it on its own. */
function reachable(endpoint: string): string {
  return endpoint.replace(/^(?:0\.0\.0\.0|\[::\])?:(?=\d+$)/, "127.0.0.1:");
}
