// Builds dist/fix.js: one file that needs nothing beside it.
import "./catalogue.mjs";
import { chmodSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const root = fileURLToPath(new URL("..", import.meta.url));
const { version } = JSON.parse(readFileSync(`${root}package.json`, "utf8"));

await build({
  absWorkingDir: root,
  entryPoints: ["src/cli/main.ts"],
  outfile: "dist/fix.js",
  bundle: true,
  platform: "node",
  target: "node20",
  // CommonJS: Node starts it without the ES module loader, and `import()` inside stays lazy.
  format: "cjs",
  define: { "process.env.FLINTLOCK_FIX_VERSION": JSON.stringify(version) },
  banner: { js: "#!/usr/bin/env node" },
  minifySyntax: true,
  minifyWhitespace: true,
  keepNames: false,
  legalComments: "none",
  logLevel: "warning",
});
chmodSync(`${root}dist/fix.js`, 0o755);
