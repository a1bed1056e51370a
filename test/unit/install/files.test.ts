import { describe, expect, test } from "@jest/globals";
import { cronMinutes } from "../../../src/cli/heal-arguments.ts";
import { eventKinds } from "../../../src/heal/event-kinds.ts";
import { allPaths, filesOf, paths, type Wanted } from "../../../src/install/files.ts";

const wanted: Wanted = {
  program: { node: "/usr/bin/node", fix: "/usr/local/lib/flintlock-fix/fix.js", configFolders: ["/srv/flintlock"] },
  timer: true,
  cron: null,
  watch: true,
  intervalMs: 45_000,
  orderAfter: "containerd-dev.service",
};
const textOf = (path: string, said: Partial<Wanted> = {}): string => filesOf({ ...wanted, ...said }).find((file) => file.path === path)?.text ?? "";

describe("what fix install writes", () => {
  test("every file is one that uninstall knows", () => {
    const all = [...filesOf(wanted), ...filesOf({ ...wanted, timer: false, cron: "* * * * *" })].map(({ path }) => path);
    expect(all.filter((path) => !allPaths.includes(path))).toEqual([]);
    expect(new Set(all)).toEqual(new Set(allPaths));
  });

  test("the boot unit is before the daemons, nothing depends on it, and its time is bounded", () => {
    const text = textOf(paths.boot);
    expect(text).toContain("Before=containerd-dev.service containerd.service flintlockd.service\n");
    expect(text).toMatch(/^TimeoutStartSec=90s$/m);
    expect(text).not.toMatch(/^(?:Requires|RequiredBy|BindsTo|PartOf)=/m);
    expect(text).toMatch(/^ReadWritePaths=.* -\/srv\/flintlock$/m);
  });

  test("the timer begins at boot, goes on at the interval, spread and persistent", () => {
    const text = textOf(paths.timer);
    for (const line of ["OnBootSec=20s", "OnUnitInactiveSec=45s", "RandomizedDelaySec=5s", "Persistent=true"]) expect(text).toContain(`${line}\n`);
  });

  test("a path with signs of systemd's or cron's own stays that path", () => {
    const program = { ...wanted.program, node: "/opt/my $node/100%/node" };
    expect(textOf(paths.service, { program })).toContain('ExecStart="/opt/my $$node/100%%/node" /usr/local');
    expect(textOf(paths.cron, { program, cron: "* * * * *" })).toContain("* * * * * root '/opt/my $node/100\\%/node' /usr/local");
  });

  test("the catalog explains every kind of event", () => {
    const text = textOf(paths.catalog);
    for (const { messageId, subject } of Object.values(eventKinds)) expect(text).toContain(`-- ${messageId}\nSubject: ${subject}\n`);
    expect(new Set(Object.values(eventKinds).map(({ messageId }) => messageId)).size).toBe(Object.keys(eventKinds).length);
  });

  test.each([
    [60_000, "* * * * *"],
    [300_000, "*/5 * * * *"],
    [3_600_000, "0 * * * *"],
    [7_200_000, "0 */2 * * *"],
    [45_000, null],
    [420_000, null],
  ])("cron: every %d ms is %s", (ms, fields) => {
    expect(cronMinutes(ms)).toBe(fields);
  });
});
