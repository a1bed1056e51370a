/**
 * Words in, exit status out. What is imported here and below, by a plain `import`, is what every look needs: the build makes one
 * piece of it. What is asked for by `import()` is loaded when it is needed; `--version` alone is answered by the bundle itself.
 */

import { dispatch } from "./dispatch.ts";
import { isWritten } from "./print.ts";

/** The exit status is set when this is settled. */
export const ended = dispatch(process.argv.slice(2)).then((status) => {
  process.exitCode = status;
});

/** Ends the process at once: by itself Node would first take its heap apart, which costs a twentieth of a look. */
export function leave(): void {
  if (isWritten()) process.exit();
}
