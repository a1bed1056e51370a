import { expect, test } from "@jest/globals";
import fc from "fast-check";
import { modulesPackage, parseOsRelease } from "../../../src/facts/os-release.ts";

test("quotes and escapes", () => {
  expect(parseOsRelease("PRETTY_NAME=\"Debian GNU/Linux 12 (bookworm)\"\nID=debian\n# x\nID_LIKE='a b'\n")).toEqual({
    id: "debian",
    idLike: ["a", "b"],
    prettyName: "Debian GNU/Linux 12 (bookworm)",
  });
  expect(parseOsRelease('PRETTY_NAME="a \\"b\\" \\$c"').prettyName).toBe('a "b" $c');
  expect(parseOsRelease("")).toEqual({ id: "linux", idLike: [], prettyName: "linux" });
});

test.each([
  ["ubuntu", [], "6.8.0-45-generic", "linux-modules-extra-6.8.0-45-generic", "apt-get"],
  ["debian", [], "6.1.0-26-amd64", "linux-image-6.1.0-26-amd64", "apt-get"],
  ["fedora", [], "6.10.3-200.fc40.x86_64", "kernel-modules-extra-6.10.3-200.fc40.x86_64", "dnf"],
  ["rocky", ["rhel", "centos", "fedora"], "5.14.0-427.el9.x86_64", "kernel-modules-extra-5.14.0-427.el9.x86_64", "dnf"],
  ["linuxmint", ["ubuntu", "debian"], "6.8.0-45-generic", "linux-modules-extra-6.8.0-45-generic", "apt-get"],
])("%s %j: the package for the running kernel", (id, idLike, kernel, name, tool) => {
  const found = modulesPackage({ id, idLike, prettyName: "" }, kernel);
  expect(found?.name).toBe(name);
  expect(found?.commands.at(-1)).toEqual(expect.arrayContaining([tool, "install", "-y", name]));
});

test.each([
  ["arch", "6.10.0-arch1"],
  ["constructor", "6.1.0"],
  ["debian", "--force-yes"],
  ["debian", "6.1 evil"],
  ["debian", ""],
])("none is known for %s with kernel %j", (id, kernel) => expect(modulesPackage({ id, idLike: [], prettyName: "" }, kernel)).toBeNull());

test("any text is taken without an error", () => fc.assert(fc.property(fc.string(), (text) => typeof parseOsRelease(text).id === "string")));
