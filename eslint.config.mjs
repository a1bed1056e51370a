import js from "@eslint/js";
import tseslint from "typescript-eslint";

/** One importer for each outside package; the rest speaks the house's own words. */
const importers = {
  execa: "src/host/process.ts",
  yaml: "src/facts/yaml.ts",
  "smol-toml": "src/facts/toml.ts",
  "jsonc-parser": "src/spec/json.ts",
  picomatch: "src/cli/spec-files.ts",
  "p-retry": "src/host/retry.ts",
  winston: "src/events.ts",
  commander: "src/cli/arguments.ts",
};

const packages = (allowed) =>
  Object.entries(importers)
    .filter(([, importer]) => importer !== allowed)
    .map(([name, importer]) => ({ name, message: `${importer} is its one importer.` }));

const writers = {
  group: ["**/host/operator.ts", "**/host/atomic.ts", "**/host/process.ts", "**/host/lock.ts"],
  message: "Code that looks cannot write: ask the Inspector.",
};
const stages = { group: ["**/detector.ts", "**/planner.ts", "**/executor.ts"], message: "Detector, planner and executor never import one another." };
const input = { group: ["node:*", "**/host/linux.ts"], message: "This is pure: text in, values out." };

const restrict = (files, patterns, extra = {}) => ({ files, ...extra, rules: { "no-restricted-imports": ["error", { paths: packages(), patterns }] } });

export default tseslint.config(
  { ignores: ["scripts/loader.js", "dist/", "coverage/", ".lab/", ".fuzz/", ".stryker-tmp/", "reports/", "src/catalogue.generated.ts"] },
  js.configs.recommended,
  {
    files: ["**/*.{js,mjs}"],
    languageOptions: { globals: { process: "readonly", console: "readonly", URL: "readonly", Buffer: "readonly", setTimeout: "readonly", fetch: "readonly" } },
  },
  {
    files: ["**/*.ts"],
    extends: [tseslint.configs.strictTypeChecked, tseslint.configs.stylisticTypeChecked],
    languageOptions: { parserOptions: { projectService: true } },
    rules: {
      "@typescript-eslint/switch-exhaustiveness-check": ["error", { considerDefaultExhaustiveForUnions: true }],
      // A number in a message is a number in a message.
      "@typescript-eslint/restrict-template-expressions": ["error", { allowNumber: true }],
      "@typescript-eslint/no-confusing-void-expression": ["error", { ignoreArrowShorthand: true }],
      "@typescript-eslint/consistent-type-definitions": "off",
      "@typescript-eslint/no-unused-vars": ["error", { argsIgnorePattern: "^_", varsIgnorePattern: "^_", ignoreRestSiblings: true }],
      // An empty environment variable is one that is not set.
      "@typescript-eslint/prefer-nullish-coalescing": ["error", { ignorePrimitives: { string: true } }],
    },
  },
  restrict(["src/**/*.ts"], []),
  // Hostile text is what it is about.
  { files: ["src/evidence.ts", "src/facts/**/*.ts", "test/**/*.ts"], rules: { "no-control-regex": "off" } },
  restrict(
    ["src/{survey,spec}/**/*.ts", "remediations/**/*.ts"],
    [writers, stages, { group: ["node:fs*", "node:child_process"], message: "Ask the Inspector." }],
  ),
  restrict(["src/facts/**/*.ts", "src/planner.ts"], [writers, stages, input]),
  restrict(["src/steps/**/*.ts"], [writers, stages]),
  restrict(["src/detector.ts"], [writers, stages]),
  restrict(["src/executor.ts"], [stages]),
  ...Object.values(importers).map((file) => ({
    files: [file],
    rules: { "no-restricted-imports": ["error", { paths: packages(file), patterns: file.startsWith("src/facts") ? [writers, stages, input] : [stages] }] },
  })),
);
