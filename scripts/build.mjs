// Builds dist/fix.js: one file that needs nothing beside it.
//
// Node would read all of a plain bundle before the first line runs, whether a run needs it or not. So the bundle is cut where
// the sources say `import()`, and each piece lies in the file as a string: text that costs next to nothing until it is loaded.
import "./catalogue.mjs";
import { chmodSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { basename } from "node:path";
import { fileURLToPath } from "node:url";
import { build, transform } from "esbuild";

const root = fileURLToPath(new URL("..", import.meta.url));
const { version } = JSON.parse(readFileSync(`${root}package.json`, "utf8"));

/** commander loads child_process, and with it half of Node's networking, for a feature that is not used here. */
const lazyChildProcess = {
  name: "lazy-child-process",
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /^(node:)?child_process$/ }, ({ importer }) => (importer.includes("/node_modules/commander/") ? { path: "child_process", namespace: "lazy" } : undefined));
    onLoad({ filter: /.*/, namespace: "lazy" }, () => ({ contents: 'module.exports = { get spawn() { return require("node:child_process").spawn; } };', resolveDir: root }));
  },
};

const { outputFiles } = await build({
  absWorkingDir: root,
  entryPoints: ["src/cli/main.ts"],
  outdir: "dist",
  write: false,
  bundle: true,
  splitting: true,
  format: "esm",
  platform: "node",
  target: "node20",
  // jsonc-parser's "main" is a UMD file that cannot be bundled.
  mainFields: ["module", "main"],
  define: { "process.env.FLINTLOCK_FIX_VERSION": JSON.stringify(version) },
  plugins: [lazyChildProcess],
  legalComments: "none",
  logLevel: "warning",
});

const pieces = await Promise.all(
  outputFiles.map(async ({ path, text }) => {
    const { code } = await transform(text, { format: "cjs", platform: "node", target: "node20", minify: true, supported: { "dynamic-import": false }, legalComments: "none" });
    return [basename(path), code];
  }),
);

const loader = `#!/usr/bin/env node
"use strict";
if (process.argv.length === 3 && process.argv[2] === "--version") process.stdout.write(${JSON.stringify(`${version}\n`)});
else {
  const loaded = new Map();
  const load = (name) => {
    const piece = name.startsWith("./") ? pieces[name.slice(2)] : undefined;
    if (piece === undefined) return require(name);
    let module = loaded.get(name);
    if (module === undefined) {
      loaded.set(name, (module = { exports: {} }));
      require("node:vm").compileFunction(piece, ["require", "module", "exports", "__filename"], { filename: \`\${__filename}:\${name.slice(2)}\` })(load, module, module.exports, __filename);
    }
    return module.exports;
  };
  const pieces = ${JSON.stringify(Object.fromEntries(pieces))};
  load("./main.js");
}
`;
mkdirSync(`${root}dist`, { recursive: true });
writeFileSync(`${root}dist/fix.js`, loader);
chmodSync(`${root}dist/fix.js`, 0o755);
