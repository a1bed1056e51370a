/**
 * How a MicroVM is deleted and created again by hand over flintlockd's API: its HTTP gateway with `enable-http`, else gRPC,
 * whose reflection is switched on (flintlock: api/services/microvm/v1alpha1/microvms.proto, internal/command/run/run.go).
 *
 * Its spec is taken from flintlock's own record: what the API tells of a MicroVM leaves out its provider, its bridge and
 * its mount points, and shows the interface that flintlock added for metadata as if it were the spec's
 * (infrastructure/grpc/convert.go, convertModelToMicroVMSpec).
 */

import type { MicrovmRecord } from "./records.ts";
import type { Settings } from "./settings.ts";

export interface RecreateCommands {
  keep: string;
  remove: string;
  create: string;
}

/** core/models/*.go → api/types/microvm.proto, as a program for jq. */
const specOfRecord = [
  "def v: {id, is_read_only, mount_point, partition_id, size_in_mb: .size, source: {container_source: .source.container.image, virtiofs_source: .source.virtiofs_source.path}};",
  '{id: (.id / "/")[1], namespace: (.id / "/")[0]}',
  "+ (.spec | {provider, vcpu, memory_in_mb: .memory_inmb, allow_guest_agent, metadata,",
  "kernel: (.kernel | {image, filename: .Filename, cmdline, add_network_config}),",
  "initrd: (.initrd | if . then {image, filename: .Filename} else null end),",
  "root_volume: (.root_volume | v), additional_volumes: [.additional_volumes[]? | v],",
  "interfaces: [.network_interfaces[]? | select(.allow_mmds | not) | {device_id: .guest_device_name, type: (.type | ascii_upcase), guest_mac,",
  "address: .staticAddrss, overrides: (if .branch_name then {bridge_name: .branch_name} else null end)}]})",
  "| del(.. | nulls)",
].join(" ");

/** For a shell. Null where a part is no plain word: nothing that a caller of the API chose comes into a command. */
export function recreateCommands(settings: Settings, { uid, source }: Pick<MicrovmRecord, "uid" | "source">): RecreateCommands | null {
  const http = settings.of("enable-http").value === "true";
  const endpoint = reachable(settings.of(http ? "http-endpoint" : "grpc-endpoint").value);
  if (!/^[0-9A-Za-z]{1,64}$/.test(uid) || !/^[0-9A-Za-z.:[\]_-]{1,255}$/.test(endpoint) || !/^\/[\w./-]{1,4096}$/.test(source)) return null;
  const auth = settings.of("basic-auth-token").value === "" ? "" : ` -H "authorization: Basic $(printf %s 'TOKEN' | base64 -w0)"`;
  const file = `${uid}.json`;
  if (http) {
    const url = `http://${endpoint}/v1alpha1/microvm`;
    return {
      keep: `jq '${specOfRecord}' ${source} >${file}`,
      remove: `curl -fsS${auth} -X DELETE ${url}/${uid}`,
      create: `curl -fsS${auth} -X POST --data-binary @${file} ${url}`,
    };
  }
  const call = (method: string, input: string): string =>
    `grpcurl${settings.of("insecure").value === "true" ? " -plaintext" : ""}${auth} -d ${input} ${endpoint} microvm.services.api.v1alpha1.MicroVM/${method}`;
  return {
    keep: `jq '${specOfRecord} | {microvm: .}' ${source} >${file}`,
    remove: call("DeleteMicroVM", `'{"uid":"${uid}"}'`),
    create: `${call("CreateMicroVM", "@")} <${file}`,
  };
}

/** Where it listens on every address, this host reaches it on its own. */
function reachable(endpoint: string): string {
  return endpoint.replace(/^(?:0\.0\.0\.0|\[::\])?:(?=\d+$)/, "127.0.0.1:");
}
