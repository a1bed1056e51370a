/** Put in by the build (scripts/build.mjs); "0.0.0-source" where the sources run unbuilt, as in the tests. */
export const version: string = process.env["FLINTLOCK_FIX_VERSION"] ?? "0.0.0-source";
