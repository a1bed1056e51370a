/** Words in, exit status out. What a command needs is loaded when it is asked for; `--version` alone is answered by the bundle itself. */

async function main(argv: readonly string[]): Promise<number> {
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
