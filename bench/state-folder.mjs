// A host of its own below a folder, for chroot(8): the files that a capture tells of lie there, and its programs print what it tells that they said.
import { spawnSync } from "node:child_process";
import { copyFileSync, existsSync, mkdirSync, symlinkSync, truncateSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { text } from "./microvms.mjs";

/** The command that looks at it: fix, as root, seeing nothing but that folder. */
export function hostBelow(root, captureText, fix) {
  if (process.getuid() !== 0) throw new Error("not root: chroot needs it");
  const { answers } = JSON.parse(captureText);
  const put = (path, content, mode = 0o644) => {
    if (existsSync(join(root, path))) return;
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), content, { mode });
  };
  for (const path of withLibraries([process.execPath, "/bin/sh", "/bin/cat"])) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    copyFileSync(path, join(root, path));
  }
  copyFileSync(fix, join(root, "fix.js"));
  // What programs that are started have for their input.
  put("/dev/null", "", 0o666);
  const programs = new Map();
  const known = answers.filter(({ answer }) => answer.kind === "known");
  for (const { ask, answer } of known) if (ask.ask === "file") put(ask.path, text(answer.value.text));
  for (const { ask, answer } of known) {
    const { value } = answer;
    if (ask.ask === "directory") mkdirSync(join(root, ask.path), { recursive: true });
    if (ask.ask === "link" && !existsSync(join(root, ask.path))) {
      mkdirSync(dirname(join(root, ask.path)), { recursive: true });
      symlinkSync(text(value), join(root, ask.path));
    }
    if (ask.ask === "status" && value.type === "file") {
      put(ask.path, "", value.mode);
      truncateSync(join(root, ask.path), value.size);
    }
    if (ask.ask === "clock") {
      put("/proc/sys/kernel/random/boot_id", `${value.bootId.replace(/(.{8})(.{4})(.{4})(.{4})/, "$1-$2-$3-$4-")}\n`);
      put("/proc/sys/kernel/osrelease", `${value.kernel}\n`);
      put("/proc/sys/kernel/hostname", `${value.hostName}\n`);
    }
    if (ask.ask !== "command") continue;
    const [name, ...words] = ask.argv;
    const said = `/said/${name}-${programs.get(name)?.length ?? 0}`;
    put(said, text(value.stdout));
    programs.set(name, [...(programs.get(name) ?? []), `"${words.join(" ").replaceAll(/[$`"\\]/g, "\\$&")}") exec cat ${said} ;;`]);
  }
  for (const { ask, answer } of known)
    if (ask.ask === "directory") for (const name of answer.value) if (!existsSync(join(root, ask.path, name))) put(join(ask.path, name), "");
  // journalctl is asked with words of the very run; what it said is the same.
  for (const [name, cases] of programs) {
    const any = name === "journalctl" ? `*) exec cat /said/${name}-0 ;;` : "*) exit 1 ;;";
    put(`/usr/bin/${name}`, `#!/bin/sh\ncase "$*" in\n${cases.join("\n")}\n${any}\nesac\n`, 0o755);
  }
  return ["chroot", root, process.execPath, "/fix.js"];
}

/** ldd(1) tells the libraries that each is linked with. */
function withLibraries(programs) {
  const libraries = programs.flatMap((path) =>
    [...spawnSync("ldd", [path], { encoding: "utf8" }).stdout.matchAll(/(\/\S+) \(0x/g)].map(([, library]) => library),
  );
  return [...new Set([...programs, ...libraries])];
}
