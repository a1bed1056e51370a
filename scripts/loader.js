// The head of dist/fix.js. `pieces` holds the program's parts as text, `caches` what V8 made of them at the build: another
// version of Node refuses such a cache and compiles the text (v8.dev/blog/code-caching-for-devs), with the same result.
"use strict";
function start(pieces, caches, version, require, file) {
  if (process.argv.length === 3 && process.argv[2] === "--version") return void require("node:fs").writeSync(1, `${version}\n`);
  const { Script } = require("node:vm");
  const loaded = new Map();
  const scripts = new Map();
  const load = (name) => {
    const piece = name.startsWith("./") ? pieces[name.slice(2)] : undefined;
    if (piece === undefined) return require(name);
    let module = loaded.get(name);
    if (module === undefined) {
      loaded.set(name, (module = { exports: {} }));
      const cache = caches[name.slice(2)];
      const script = new Script(`(function(require,module,exports,__filename){${piece}\n})`, {
        filename: `${file}:${name.slice(2)}`,
        ...(cache === undefined ? {} : { cachedData: Buffer.from(cache, "base64") }),
      });
      scripts.set(name.slice(2), script);
      script.runInThisContext()(load, module, module.exports, file);
    }
    return module.exports;
  };
  load("./main.js");
  return scripts;
}
