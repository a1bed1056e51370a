import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import { configFilesInForce, keepsOut, kernelParameterModules, modulesToLoad, parseModprobeConfig, parseModprobeDryRun } from "../../../src/facts/modprobe.ts";

describe("modprobe.d", () => {
  test("comments, continued lines, blanks, hyphens; the line where it begins", () => {
    expect(
      parseModprobeConfig("/etc/modprobe.d/x.conf", "# blacklist a\n\nblacklist  mac-vtap\n  install mac\\\nvtap /bin/false  \nalias rtnl-link-macvtap off\n"),
    ).toEqual([
      { directive: "blacklist", subject: "mac_vtap", rest: "", where: "/etc/modprobe.d/x.conf:3", text: "blacklist mac-vtap" },
      { directive: "install", subject: "macvtap", rest: "/bin/false", where: "/etc/modprobe.d/x.conf:4", text: "install macvtap /bin/false" },
      { directive: "alias", subject: "rtnl_link_macvtap", rest: "off", where: "/etc/modprobe.d/x.conf:6", text: "alias rtnl-link-macvtap off" },
    ]);
  });

  test("a file hides one of the same name in a later folder, and only *.conf counts", () => {
    const folders = [
      { path: "/etc/modprobe.d", names: ["b.conf", "x.conf.bak"] },
      { path: "/lib/modprobe.d", names: ["a.conf", "b.conf"] },
    ];
    expect(configFilesInForce(folders)).toEqual(["/lib/modprobe.d/a.conf", "/etc/modprobe.d/b.conf"]);
  });

  test.each([
    ["install macvtap /bin/false", true],
    ["install macvtap /bin/true", true],
    ["install macvtap echo no", true],
    ["install macvtap modprobe --ignore-install macvtap && logger x", false],
    ["install macvtap /sbin/insmod /opt/macvtap.ko", false],
    ["blacklist macvtap", false],
  ])("%s keeps it out: %s", (line, expected) => expect(parseModprobeConfig("x", line).map(keepsOut)).toEqual([expected]));

  test("any text is taken without an error", () => fc.assert(fc.property(fc.string(), (text) => Array.isArray(parseModprobeConfig("x", text)))));
});

test.each([
  ["insmod /lib/tap.ko \ninsmod /lib/macvtap.ko a=b\n", "", 0, { inserts: ["/lib/tap.ko", "/lib/macvtap.ko"], installs: [], notFound: false }],
  ["insmod /lib/tap.ko \ninstall /bin/false \n", "", 0, { inserts: ["/lib/tap.ko"], installs: ["/bin/false"], notFound: false }],
  ["", "", 0, { inserts: [], installs: [], notFound: false }],
  ["", "modprobe: FATAL: Module macvtap not found in directory /lib/modules/6.1.176", 1, { inserts: [], installs: [], notFound: true }],
])("modprobe -n -v: %j %j", (stdout, stderr, status, expected) => expect(parseModprobeDryRun({ stdout, stderr, status })).toMatchObject(expected));

test.each([
  ["quiet modprobe.blacklist=macvtap,nouveau modprobe.blacklist=a-b", "modprobe.blacklist", ["macvtap", "nouveau", "a_b"]],
  ["module_blacklist=macvlan", "module_blacklist", ["macvlan"]],
  ["module-blacklist=macvlan", "module_blacklist", ["macvlan"]],
  ["xmodule_blacklist=macvlan", "module_blacklist", []],
])("kernel parameters: %s", (cmdline, parameter, expected) => expect(kernelParameterModules(cmdline, parameter)).toEqual(expected));

test("modules-load.d", () => expect(modulesToLoad("# x\n; y\n\nmacvlan\n mac-vtap \n")).toEqual(["macvlan", "mac_vtap"]));
