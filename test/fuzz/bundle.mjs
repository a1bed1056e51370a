// The targets as one file, the sources in it counting what they run through (istanbul): what an input reaches that none did before is the signal.

import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { build, transform } from "esbuild";
import { createInstrumenter } from "istanbul-lib-instrument";

const root = fileURLToPath(new URL("../..", import.meta.url));

export async function bundleTargets(to) {
  const instrumenter = createInstrumenter({ esModules: true, coverageVariable: "__coverage__", compact: true });
  const counting = {
    name: "counting",
    setup({ onLoad }) {
      onLoad({ filter: /\/(?:src|remediations)\/.*\.ts$/ }, async ({ path }) => {
        const { code } = await transform(readFileSync(path, "utf8"), { loader: "ts", format: "esm", target: "node20" });
        return { contents: instrumenter.instrumentSync(code, path), loader: "js" };
      });
    },
  };
  await build({
    absWorkingDir: root,
    entryPoints: ["test/fuzz/targets.ts"],
    outfile: to,
    bundle: true,
    format: "esm",
    platform: "node",
    target: "node20",
    mainFields: ["module", "main"],
    banner: { js: 'import { createRequire } from "node:module"; const require = createRequire(import.meta.url);' },
    plugins: [counting],
    logLevel: "warning",
  });
}
