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

/** As a JSON string. A line break would end the comment that it lies in, and what is not ASCII would move the places behind it. */
function inAscii(code) {
  return JSON.stringify(code).replaceAll(/[^ -~]/g, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`);
}

/** The file: loader, where each piece lies, and the pieces and their caches in one comment. `call` is what starts it. */
function bundle(caches, call) {
  const index = {};
  let payload = "";
  const put = (text) => {
    const from = payload.length;
    payload += text;
    return [from, payload.length];
  };
  for (const [name, code] of pieces) index[name] = { text: put(inAscii(code)), ...(caches[name] === undefined ? {} : { cache: put(caches[name]) }) };
  return `#!/usr/bin/env node\n${loader}${call(`start(${JSON.stringify(version)}, ${JSON.stringify(index)}, require, __filename)`)};\n//${payload}`;
}

/** What V8 made of the pieces by the end of a run over a sample, base64 by piece; nothing where there is no sample to run over. */
function codeCaches() {
  const sample = `${root}samples/rebooted-dev-host`;
  if (!existsSync(sample)) return {};
  const made = `${root}dist/.caches.json`;
  const trial = `${root}dist/.trial.js`;
  const keep = `[name, script.createCachedData().toString("base64")]`;
  writeFileSync(
    trial,
    bundle(
      {},
      (start) =>
        `const scripts = ${start};\nprocess.on("exit", () => require("fs").writeFileSync(${JSON.stringify(made)}, JSON.stringify(Object.fromEntries([...scripts].map(([name, script]) => ${keep})))))`,
    ),
  );
  // 2 is a dry run's "there is something to do"; 4 is a spec that needs a decision.
  const runs = [
    { words: ["--json", "--from", sample], expected: 2 },
    { words: ["spec", "check", "--from", sample, `${root}test/fixtures/spec/request.json`], expected: 4 },
  ];
  const caches = {};
  for (const { words, expected } of runs) {
    const { status } = spawnSync(process.execPath, [trial, ...words], { stdio: ["ignore", "ignore", "inherit"] });
    if (status !== expected) throw new Error(`the bundle fails on ${words.join(" ")}: status ${status}`);
    for (const [name, cache] of Object.entries(JSON.parse(readFileSync(made, "utf8")))) caches[name] ??= cache;
  }
  rmSync(trial);
  rmSync(made);
  return caches;
}

mkdirSync(`${root}dist`, { recursive: true });
const temporary = `${root}dist/.fix.js`;
writeFileSync(
  temporary,
  bundle(codeCaches(), (start) => start),
);
chmodSync(temporary, 0o755);
renameSync(temporary, `${root}dist/fix.js`);
