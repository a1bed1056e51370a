/** Words in, exit status out. Everything but `--version` is loaded when it is needed. */

import { version } from "../version.ts";

async function main(argv: readonly string[]): Promise<number> {
  if (argv.length === 1 && (argv[0] === "--version" || argv[0] === "-V")) {
    process.stdout.write(`${version}\n`);
    return 0;
  }
  const { dispatch } = await import("./dispatch.ts");
  return dispatch(argv);
}

// A closed pipe (`fix | head`) is the reader's choice, not our failure.
process.stdout.on("error", (error: NodeJS.ErrnoException) => {
  if (error.code !== "EPIPE") throw error;
});

void main(process.argv.slice(2)).then((status) => {
  process.exitCode = status;
});
