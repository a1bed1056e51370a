// Builds dist/fix.js: one file that needs nothing beside it, made for a quick start.
//
// Node reads and scans all of it before the first line runs, so it is cut in pieces (scripts/pieces.mjs): one with what every
// look needs, which are the modules that src/cli/main.ts reaches by plain imports, and those that are asked for by `import()`.
// They lie in a comment, with what V8 made of them by the end of a trial run over the samples.
import "./catalogue.mjs";
import { spawnSync } from "node:child_process";
import { chmodSync, existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { deflateRawSync } from "node:zlib";
import { makePieces } from "./pieces.mjs";

const root = fileURLToPath(new URL("..", import.meta.url));
const { version } = JSON.parse(readFileSync(`${root}package.json`, "utf8"));
const loader = readFileSync(`${root}scripts/loader.js`, "utf8");
const pieces = await makePieces(root, version);

/** The file: `caches` are Buffers by the name of a piece, `run` is what starts the program. */
function bundle(caches, run = 'const { ended, leave } = load("look"); ended.then(leave);') {
  const index = {};
  let payload = "";
  const put = (text) => {
    const from = payload.length;
    payload += text;
    return [from, payload.length];
  };
  const deflated = (data) => put(deflateRawSync(data, { level: 9 }).toString("base64"));
  for (const [name, code] of Object.entries(pieces)) {
    const text = inComment(`(function(require,module,exports,__filename){${code}})`);
    const cache = caches[name];
    index[name] =
      name === "look"
        ? { text: put(text), ...(cache ? { cache: put(cache.toString("base64")) } : {}) }
        : { deflated: deflated(text), ...(cache ? { deflatedCache: deflated(cache) } : {}) };
  }
  const values = { VERSION: JSON.stringify(version), LENGTH: payload.length, INDEX: JSON.stringify(index), "RUN;": run, PAYLOAD: payload };
  return `#!/usr/bin/env node\n${loader.replaceAll(/\b(?:VERSION|LENGTH|INDEX|RUN;|PAYLOAD)/g, (word) => values[word])}`;
}

/** As a comment can hold it: its end is written otherwise; and ASCII, for what is not stands only in regular expressions. */
function inComment(code) {
  if (code.includes("*\f/")) throw new Error("a piece holds what stands for the end of a comment");
  return code.replaceAll("*/", "*\f/").replaceAll(/[^\t\n\f -~]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`);
}

/** What V8 made of the pieces by the end of a few runs over the samples; nothing where there are none. */
function codeCaches() {
  const [rebooted, healthy] = ["rebooted", "healthy"].map((name) => `${root}samples/${name}-dev-host`);
  if (!existsSync(rebooted) || !existsSync(healthy)) return {};
  // 2 is a dry run's "there is something to do".
  const runs = [
    { words: ["--json", "--from", rebooted], expected: 2 },
    { words: ["--dry-run", "--from", rebooted], expected: 2 },
    { words: ["--json", "--from", healthy], expected: 0 },
    { words: ["explain", "--policy", "--config", `${root}scripts/trial/policy.yaml`], expected: 0 },
    // This machine: whatever it is, that is how one looks at a live host.
    { words: ["--json", "--dry-run", "--timeout", "10s"], expected: null },
  ];
  const made = `${root}dist/.caches.json`;
  const trial = `${root}dist/.trial.js`;
  writeFileSync(
    trial,
    bundle(
      {},
      `(async () => {
    for (const { words, expected } of ${JSON.stringify(runs)}) {
      process.argv.splice(2, Infinity, ...words);
      loaded.clear();
      await load("look").ended;
      if (expected !== null && process.exitCode !== expected) throw new Error(\`the bundle fails on \${words.join(" ")}: status \${process.exitCode}\`);
    }
    const caches = Object.fromEntries([...scripts].map(([name, script]) => [name, script.createCachedData().toString("base64")]));
    require("node:fs").writeFileSync(${JSON.stringify(made)}, JSON.stringify(caches));
    process.exitCode = 0;
  })();`,
    ),
  );
  const { status } = spawnSync(process.execPath, [trial], { stdio: ["ignore", "ignore", "inherit"] });
  if (status !== 0) throw new Error("the trial run of the bundle failed");
  const caches = JSON.parse(readFileSync(made, "utf8"));
  rmSync(trial);
  rmSync(made);
  return Object.fromEntries(Object.entries(caches).map(([name, cache]) => [name, Buffer.from(cache, "base64")]));
}

mkdirSync(`${root}dist`, { recursive: true });
const temporary = `${root}dist/.fix.js`;
// A program with a planted bug may end otherwise than the trial runs have to.
writeFileSync(temporary, bundle(process.argv.includes("--no-caches") ? {} : codeCaches()));
chmodSync(temporary, 0o755);
renameSync(temporary, `${root}dist/fix.js`);
