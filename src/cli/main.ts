/** Words in, exit status out. What a command needs is loaded when it is asked for; `--version` alone is answered by the bundle itself. */

async function main(argv: readonly string[]): Promise<number> {
  const { dispatch } = await import("./dispatch.ts");
  return dispatch(argv);
}

void main(process.argv.slice(2)).then((status) => {
  process.exitCode = status;
});
