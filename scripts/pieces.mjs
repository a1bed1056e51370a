// Cuts the program in pieces of CommonJS, ASCII only: `look`, and one for each module that is loaded when it is needed, and what
// those share. A module is in one piece alone: what `look` has, the others get from it by `require("inner:PATH")`.
import { relative } from "node:path";
import { build, transform } from "esbuild";

/** Imported like others, and yet loaded only when one of its functions is called: what they do is seldom needed. */
const deferred = { "src/cli/arguments.ts": ["parseArguments"], "src/facts/yaml.ts": ["parseYaml"], "src/secrets/named.ts": ["maskNamed"] };

export async function makePieces(root, version) {
  const common = {
    absWorkingDir: root,
    write: false,
    bundle: true,
    platform: "node",
    target: "node20",
    // jsonc-parser's "main" is a UMD file that cannot be bundled.
    mainFields: ["module", "main"],
    define: { "process.env.FLINTLOCK_FIX_VERSION": JSON.stringify(version) },
    legalComments: "none",
    logLevel: "warning",
    metafile: true,
  };
  const asked = new Set();
  const first = await build({ ...common, entryPoints: ["src/cli/main.ts"], format: "esm", plugins: [cut(root, asked)] });
  const within = new Set(Object.keys(first.metafile.inputs).filter((path) => !path.startsWith("later:")));
  const later = await build({
    ...common,
    entryPoints: Object.fromEntries([...asked].map((path) => [pieceOf(path), path])),
    outdir: "/",
    splitting: true,
    format: "esm",
    plugins: [lazyChildProcess(root), shared(root, within)],
  });
  const look = await build({
    ...common,
    stdin: { contents: lookEntry(wanted(later.outputFiles)), resolveDir: root, loader: "ts" },
    format: "cjs",
    minify: true,
    supported: { "dynamic-import": false },
    plugins: [cut(root, new Set())],
  });
  const rest = await Promise.all(later.outputFiles.map(async ({ path, text }) => [`.${path}`, await commonJs(text)]));
  return { look: look.outputFiles[0].text.trim(), ...Object.fromEntries(rest) };
}

const pieceOf = (path) => path.replace(/\.ts$/, "").replaceAll("/", "-");

async function commonJs(text) {
  const { code } = await transform(text, {
    format: "cjs",
    platform: "node",
    target: "node20",
    minify: true,
    supported: { "dynamic-import": false },
    legalComments: "none",
  });
  return code.trim();
}

/** The way out of `look`: what is loaded later is left out of it, and collected in `asked`, as paths below root or names of packages. */
function cut(root, asked) {
  return {
    name: "cut",
    setup({ onResolve, onLoad, resolve }) {
      onResolve({ filter: /.*/ }, async ({ path, kind, pluginData, ...where }) => {
        if (pluginData === "resolving" || path.startsWith("node:")) return undefined;
        const found = await resolve(path, { ...where, kind, pluginData: "resolving" });
        const name = relative(root, found.path);
        if (kind === "dynamic-import") {
          asked.add(name);
          return { path: `./${pieceOf(name)}.js`, external: true };
        }
        if (!(name in deferred) || where.importer === "") return undefined;
        asked.add(name);
        return { path: name, namespace: "later" };
      });
      onLoad({ filter: /.*/, namespace: "later" }, ({ path }) => ({
        contents: deferred[path].map((name) => `export const ${name} = (...given) => require("./${pieceOf(path)}.js").${name}(...given);`).join("\n"),
      }));
      onResolve({ filter: /^\.\/.*\.js$/, namespace: "later" }, ({ path }) => ({ path, external: true }));
    },
  };
}

/** What `look` has is not in the other pieces. */
function shared(root, within) {
  return {
    name: "shared",
    setup({ onResolve, resolve }) {
      onResolve({ filter: /.*/ }, async ({ path, pluginData, ...where }) => {
        if (pluginData === "resolving" || where.kind === "entry-point" || path.startsWith("node:")) return undefined;
        const found = await resolve(path, { ...where, pluginData: "resolving" });
        const name = relative(root, found.path);
        return within.has(name) ? { path: `inner:${name}`, external: true } : undefined;
      });
    },
  };
}

/** Which names the other pieces import from the modules of `look`: { path: Set of names }. */
function wanted(files) {
  const names = {};
  for (const { text } of files) {
    const asked = /import\("inner:([^"]+)"\)/.exec(text);
    if (asked) throw new Error(`${asked[1]} is always loaded: import it plainly`);
    for (const [, list, path] of text.matchAll(/^import\s+([^;"]*?)\s*from "inner:([^"]+)";$/gm)) {
      const braces = /^\{([^}]*)\}$/.exec(list);
      if (!braces) throw new Error(`a piece imports more than names of ${path}: ${list}`);
      for (const name of braces[1].split(",")) (names[path] ??= new Set()).add(name.trim().split(" as ")[0]);
    }
  }
  return names;
}

/** The first piece: the program, and what the others may ask for of it. */
function lookEntry(names) {
  const modules = Object.entries(names).map(([path, set], number) => ({ path, number, list: [...set].filter((name) => name !== "") }));
  return [
    ...modules.map(({ path, number, list }) => `import { ${list.map((name) => `${name} as m${number}_${name}`).join(", ")} } from "./${path}";`),
    `export { ended, leave } from "./src/cli/main.ts";`,
    // A function, which is there before anything has run: words that only commander reads make it load at once.
    `export function inner(path) { switch (path) {`,
    ...modules.map(
      ({ path, number, list }) => `case ${JSON.stringify(path)}: return { __esModule: true, ${list.map((name) => `${name}: m${number}_${name}`).join(", ")} };`,
    ),
    `} }`,
  ].join("\n");
}

/** commander loads child_process, and with it half of Node's networking, for a feature that is not used here. */
function lazyChildProcess(root) {
  return {
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
}
