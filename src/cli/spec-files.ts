/** The files that `fix spec` is about: names, folders, globs and standard input become texts. The one importer of picomatch. */

import { isUtf8 } from "node:buffer";
import { readdirSync, readFileSync, statSync } from "node:fs";
import { join, relative, resolve } from "node:path";
import picomatch from "picomatch";
import { FixError, reasonOf } from "../errors.ts";
import { mayHoldSpecs } from "../spec/source.ts";

export interface SpecFile {
  /** As it was named, or found below what was named. */
  name: string;
  text: string;
}

const maxLength = 64 * 1024 * 1024;

/** What a folder's files are told by. */
const extension = /\.(?:json|jsonc|ya?ml)$/i;

/** Throws a FixError where something named is not there or cannot be read. A file found twice counts once. */
export function* readSpecFiles(named: readonly string[]): Generator<SpecFile> {
  const seen = new Set<string>();
  for (const { name, explicit } of named.flatMap(filesOf)) {
    const path = name === "-" ? "-" : resolve(name);
    if (seen.has(path)) continue;
    seen.add(path);
    const text = textOf(name, explicit);
    if (text !== null) yield { name, text };
  }
}

function filesOf(name: string): { name: string; explicit: boolean }[] {
  if (name === "-") return [{ name, explicit: true }];
  const found = (paths: string[]): { name: string; explicit: boolean }[] => paths.map((path) => ({ name: path, explicit: false }));
  if (isFolder(name)) return found(below(name).filter((path) => extension.test(path)));
  return exists(name) || !picomatch.scan(name).isGlob ? [{ name, explicit: true }] : found(matches(name));
}

/** Null: found in a folder, and no spec. */
function textOf(name: string, explicit: boolean): string | null {
  const text = read(name);
  // What is no UTF-8 reads as U+FFFD, and would be written back as such.
  if (text.includes("\uFFFD") && name !== "-" && !isUtf8(readFileSync(name))) {
    if (!explicit) return null;
    throw new FixError("UNREADABLE", `${name} is no UTF-8 text`, "save it as UTF-8 (iconv -t UTF-8), or leave it out");
  }
  return explicit || mayHoldSpecs(text) ? text : null;
}

function read(name: string): string {
  try {
    const text = readFileSync(name === "-" ? 0 : name, "utf8");
    if (text.length > maxLength) throw new Error(`it is longer than ${maxLength} characters`);
    return text;
  } catch (error) {
    throw new FixError("UNREADABLE", `${name === "-" ? "standard input" : name}: ${reasonOf(error)}`, "name files, folders or globs that can be read", 1, {
      cause: error,
    });
  }
}

function isFolder(name: string): boolean {
  return statSync(name, { throwIfNoEntry: false })?.isDirectory() ?? false;
}

const exists = (name: string): boolean => statSync(name, { throwIfNoEntry: false }) !== undefined;

/** In the order of their names; links to folders are not followed, and neither version control nor packages are looked into. */
function below(folder: string): string[] {
  let entries;
  try {
    entries = readdirSync(folder, { withFileTypes: true });
  } catch (error) {
    throw new FixError("UNREADABLE", `${folder}: ${reasonOf(error)}`, "name files, folders or globs that can be read", 1, { cause: error });
  }
  return entries
    .sort((a, b) => (a.name < b.name ? -1 : 1))
    .flatMap((entry) => {
      const path = join(folder, entry.name);
      if (entry.isDirectory()) return entry.name === ".git" || entry.name === "node_modules" ? [] : below(path);
      return entry.isFile() || (entry.isSymbolicLink() && (statSync(path, { throwIfNoEntry: false })?.isFile() ?? false)) ? [path] : [];
    });
}

/** A glob that begins with a folder looks into that folder alone. */
function matches(pattern: string): string[] {
  const { base, glob, prefix } = picomatch.scan(pattern);
  const folder = `${prefix}${base}` === "" ? "." : `${prefix}${base}`;
  const isMatch = picomatch(glob, { dot: false });
  const found = isFolder(folder) ? below(folder).filter((path) => isMatch(relative(folder, path))) : [];
  if (found.length === 0) throw new FixError("USAGE", `${pattern}: no file matches`, "name files, folders or globs that can be read");
  return found;
}
