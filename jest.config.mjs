export default {
  testEnvironment: "node",
  // No test times anything: this only ends one that hangs, on the slowest machine too.
  testTimeout: 120_000,
  roots: ["<rootDir>/test"],
  testMatch: ["**/*.test.ts"],
  extensionsToTreatAsEsm: [".ts"],
  transform: { "\\.ts$": ["@swc/jest", { jsc: { target: "es2022", parser: { syntax: "typescript" } }, module: { type: "es6" } }] },
  coverageProvider: "v8",
  collectCoverageFrom: ["src/**/*.ts", "remediations/**/*.ts"],
};
