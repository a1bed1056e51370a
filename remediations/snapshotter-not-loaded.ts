import { poolLeftOut } from "../src/left-out.ts";
import { defineRemediation } from "../src/remediation.ts";
import { bringUpContainerd } from "../src/steps/units.ts";
import { anothersCode, inspectSnapshotter, type NotLoaded } from "../src/survey/snapshotter.ts";

const id = "snapshotter-not-loaded";

export default defineRemediation<NotLoaded>({
  id,
  means:
    "containerd runs without its devmapper snapshotter, so flintlock cannot mount a volume. Most often containerd started before the thin pool was there, and it looks only once. containerd 2 then loads neither its metadata store nor its content and image services.",
  told: "ctr plugins ls of the containerd that flintlockd uses: the plugin devmapper is in error. Where containerd does not answer: flintlockd's own fresh words.",
  cure: "containerd is restarted, then flintlockd, once the pool is there. Where another restart would not load it (an empty pool under remembered snapshots, a missing program, its configuration, a containerd-socket of another daemon), it is refused with the way out.",
  harm: "Two restarts; running MicroVMs go on where the units' KillMode lets them.",
  runbook: "Snapshotter not loaded",
  signatures: [
    { name: "flintlockd", unit: "flintlockd", pattern: /snapshotter not loaded: devmapper: invalid argument/i },
    // 'devmapper not configured' in the same words is no fault: the plugin is not in use in that containerd.
    {
      name: "load",
      unit: "containerd",
      pattern: /^(?![\s\S]*devmapper not configured)[\s\S]*failed to load plugin[\s\S]{0,1000}io\.containerd\.snapshotter\.v1\.devmapper/i,
    },
    { name: "metadata", unit: "containerd", pattern: /^(?![\s\S]*devmapper not configured)[\s\S]*could not use snapshotter devmapper in metadata plugin/i },
  ],
  // Whoever wants that restart: flintlockd uses another daemon.
  breaks: ({ facts }) => (facts?.reason?.code === anothersCode ? ["containerd-startable"] : []),
  follows: ["thinpool-missing", "thinpool-unhealthy"],
  inspect: inspectSnapshotter,
  remedy: ({ facts }, context) => {
    // With a step in the plan that brings the pool, whatever kept the plugin from loading is looked at again after it.
    const poolComes = context.findings.get("thinpool-missing")?.status === "problem";
    if (facts.reason && (!poolComes || facts.reason.code === anothersCode)) return { steps: [], refusals: [{ finding: id, ...facts.reason }], advice: [] };
    const leftOut = poolLeftOut(context, id);
    if (leftOut) return { steps: [], refusals: [leftOut], advice: [] };
    return { steps: bringUpContainerd(context, [id]), refusals: [], advice: [] };
  },
});
