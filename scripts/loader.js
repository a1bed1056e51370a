// The head of dist/fix.js. The program's pieces, and what V8 made of them at the build, lie behind it in one long comment:
// Node skips that, and reads of it what is asked for. Another version of Node refuses the cache of a piece and compiles the
// text (v8.dev/blog/code-caching-for-devs), with the same result.
"use strict";
function start(version, index, require, file) {
  const { readFileSync, writeSync } = require("node:fs");
  if (process.argv.length === 3 && process.argv[2] === "--version") return void writeSync(1, `${version}\n`);
  const { Script } = require("node:vm");
  const all = readFileSync(file, "latin1");
  const payload = all.lastIndexOf("\n//") + 3;
  const slice = ([from, to]) => all.slice(payload + from, payload + to);
  const loaded = new Map();
  const scripts = new Map();
  const load = (name) => {
    const key = name.startsWith("./") ? name.slice(2) : "";
    const place = index[key];
    if (place === undefined) return require(name);
    let module = loaded.get(key);
    if (module === undefined) {
      loaded.set(key, (module = { exports: {} }));
      const script = new Script(`(function(require,module,exports,__filename){${JSON.parse(slice(place.text))}\n})`, {
        filename: `${file}:${key}`,
        ...(place.cache === undefined ? {} : { cachedData: Buffer.from(slice(place.cache), "base64") }),
      });
      scripts.set(key, script);
      script.runInThisContext()(load, module, module.exports, file);
    }
    return module.exports;
  };
  load("./main.js");
  return scripts;
}
