// The head of dist/fix.js. The program's pieces, and what V8 made of them at the build, lie in one long comment at the end of
// this function: Node skips that, and of the function's own text (ECMA-262, Function.prototype.toString) is taken what is asked
// for. The piece that every look needs lies there as it is; the others are deflated. Another version of Node refuses what V8
// made of a piece and compiles its text (v8.dev/blog/code-caching-for-devs), with the same result.
"use strict";
(function fix() {
  const { writeSync } = require("node:fs");
  if (process.argv.length === 3 && process.argv[2] === "--version") return void writeSync(1, `${VERSION}\n`);
  const { Script } = require("node:vm");
  const text = fix.toString();
  const begin = text.length - 4 - LENGTH;
  const part = ([from, to]) => text.slice(begin + from, begin + to);
  const inflated = (place) => require("node:zlib").inflateRawSync(Buffer.from(part(place), "base64"));
  const loaded = new Map();
  const scripts = new Map();
  const load = (name) => {
    if (name.startsWith("inner:")) return load("look").inner(name.slice(6));
    const place = INDEX[name];
    if (place === undefined) return require(name);
    let module = loaded.get(name);
    if (module === undefined) {
      loaded.set(name, (module = { exports: {} }));
      let script = scripts.get(name);
      if (script === undefined) {
        const source = (place.text ? part(place.text) : inflated(place.deflated).toString("latin1")).replaceAll("*\f/", "*/");
        const cachedData = place.cache ? Buffer.from(part(place.cache), "base64") : place.deflatedCache && inflated(place.deflatedCache);
        script = new Script(source, { filename: `fix.js:${name}`, cachedData });
        scripts.set(name, script);
      }
      script.runInThisContext()(load, module, module.exports, __filename);
    }
    return module.exports;
  };
  RUN;
  /*
PAYLOAD*/
})();
