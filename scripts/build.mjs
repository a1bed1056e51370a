// Builds dist/fix.js: one file that needs nothing beside it.
//
// Node would read all of a plain bundle before the first line runs, whether a run needs it or not. So the bundle is cut where
// the sources say `import()`, and each piece lies in the file as a string: text that costs next to nothing until it is loaded.
import "./catalogue.mjs";
import { spawnSync } from "node:child_process";
import { chmodSync, existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { basename } from "node:path";
import { fileURLToPath } from "node:url";
import { build, transform } from "esbuild";

const root = fileURLToPath(new URL("..", import.meta.url));
const { version } = JSON.parse(readFileSync(`${root}package.json`, "utf8"));

/** commander loads child_process, and with it half of Node's networking, for a feature that is not used here. */
const lazyChildProcess = {
  name: "lazy-child-process",
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /^(node:)?child_process$/ }, ({ importer }) =>
      importer.includes("/node_modules/commander/") ? { path: "child_process", namespace: "lazy" } : undefined,
    );
    onLoad({ filter: /.*/, namespace: "lazy" }, () => ({
      contents: 'module.exports = { get spawn() { return require("node:child_process").spawn; } };',
      resolveDir: root,
    }));
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
    const { code } = await transform(text, {
      format: "cjs",
      platform: "node",
      target: "node20",
      minify: true,
      supported: { "dynamic-import": false },
      legalComments: "none",
    });
    return [basename(path), code];
  }),
);

const loader = readFileSync(`${root}scripts/loader.js`, "utf8");
const bundle = (caches) =>
  `#!/usr/bin/env node\n${loader}start(${JSON.stringify(Object.fromEntries(pieces))}, ${JSON.stringify(caches)}, ${JSON.stringify(version)}, require, __filename);\n`;

/** What V8 made of the pieces by the end of a run over a sample, base64 by piece; nothing where there is no sample to run over. */
function codeCaches() {
  const sample = `${root}samples/rebooted-dev-host`;
  const made = `${root}dist/.caches.json`;
  if (!existsSync(sample)) return {};
  const program = `${loader}
    const pieces = ${JSON.stringify(Object.fromEntries(pieces))};
    process.argv.splice(1, process.argv.length, "fix.js", "--json", "--from", ${JSON.stringify(sample)});
    const scripts = start(pieces, {}, "", require, "fix.js");
    process.on("exit", () => require("fs").writeFileSync(${JSON.stringify(made)}, JSON.stringify(Object.fromEntries([...scripts].map(([name, script]) => [name, script.createCachedData().toString("base64")])))));`;
  const { status } = spawnSync(process.execPath, ["--input-type=commonjs", "-"], { input: program, stdio: ["pipe", "ignore", "inherit"] });
  // 2 is a dry run's "there is something to do".
  if (status !== 2) throw new Error(`the bundle fails on ${sample}: status ${status}`);
  const caches = JSON.parse(readFileSync(made, "utf8"));
  rmSync(made);
  return caches;
}

mkdirSync(`${root}dist`, { recursive: true });
const temporary = `${root}dist/.fix.js`;
writeFileSync(temporary, bundle(codeCaches()));
chmodSync(temporary, 0o755);
renameSync(temporary, `${root}dist/fix.js`);
