/** The files that `fix spec` is about: names, folders, globs and standard input become texts. The one importer of picomatch. */

import { isUtf8 } from "node:buffer";
import { readdirSync, readFileSync, realpathSync, statSync, type Stats } from "node:fs";
import { join, relative, resolve } from "node:path";
import picomatch from "picomatch";
import { FixError, reasonOf } from "../errors.ts";
import { mayHoldSpecs } from "../spec/source.ts";

export interface SpecFile {
  /** As it was named, or found below what was named. */
  name: string;
  text: string;
}

/** Bytes, or UTF-16 code units where the bytes are not counted beforehand. */
const maxLength = 64 * 1024 * 1024;

const tooLong = "it is longer than 64 MiB, and no spec is";

/** What a folder's files are told by. */
const extension = /\.(?:json|jsonc|ya?ml)$/i;

/** Throws a FixError where something named is not there or cannot be read. A file found twice counts once, also by way of a link. */
export function* readSpecFiles(named: readonly string[]): Generator<SpecFile> {
  const seen = new Set<string>();
  for (const argument of named) {
    const { names, links, explicit } = filesOf(argument);
    for (const name of names) {
      // One argument without links names nothing twice.
      if (links || named.length > 1) {
        const path = name === "-" ? name : realPath(name);
        if (seen.has(path)) continue;
        seen.add(path);
      }
      const text = textOf(name, explicit);
      if (text !== null) yield { name, text };
    }
  }
}

/** That of what is not there is found out when it is read. */
function realPath(name: string): string {
  try {
    return realpathSync.native(name);
  } catch {
    return resolve(name);
  }
}

interface Found {
  names: string[];
  /** Whether one of them may be another one's second name. */
  links: boolean;
}

function filesOf(name: string): Found & { explicit: boolean } {
  if (name === "-") return { names: [name], links: false, explicit: true };
  const status = statusOf(name);
  if (status?.isDirectory() === true) return { ...found(name, (path) => extension.test(path)), explicit: false };
  if (status !== null && status.size > maxLength) throw unreadable(name, tooLong);
  if (status?.isBlockDevice() === true || status?.isCharacterDevice() === true) throw unreadable(name, "it is a device");
  return status !== null || !picomatch.scan(name).isGlob ? { names: [name], links: false, explicit: true } : { ...matches(name), explicit: false };
}

const unreadable = (name: string, why: string, cause?: unknown): FixError =>
  new FixError("UNREADABLE", `${name === "-" ? "standard input" : name}: ${why}`, "name files, folders or globs that can be read, or - for standard input", 1, {
    cause,
  });

/** Null: there is no such thing. */
function statusOf(name: string): Stats | null {
  try {
    return statSync(name, { throwIfNoEntry: false }) ?? null;
  } catch (error) {
    throw unreadable(name, reasonOf(error), error);
  }
}

/** Null: found in a folder, and no spec. */
function textOf(name: string, explicit: boolean): string | null {
  try {
    const text = explicit ? checked(readFileSync(name === "-" ? 0 : name)) : readFileSync(name, asText);
    if (text === null || text.length > maxLength) throw new Error(text === null ? "it is no UTF-8 text (iconv -t UTF-8 makes it one)" : tooLong);
    if (explicit) return text;
    // What is no UTF-8 reads as U+FFFD, and would be written back as such.
    return mayHoldSpecs(text) && !(text.includes("\uFFFD") && !isUtf8(readFileSync(name))) ? text : null;
  } catch (error) {
    throw unreadable(name, reasonOf(error), error);
  }
}

/** Said in full, Node need not put it together for each of ten thousand files. */
const asText = { encoding: "utf8", flag: "r" } as const;

const checked = (bytes: Buffer): string | null => (isUtf8(bytes) ? bytes.toString("utf8") : null);

function found(folder: string, wanted: (path: string) => boolean): Found {
  const all: Found = { names: [], links: false };
  below(folder, all);
  return { ...all, names: all.names.filter(wanted) };
}

/** In the order of their names; links to folders are not followed, and neither version control nor packages are looked into. */
function below(folder: string, all: Found): void {
  let entries;
  try {
    entries = readdirSync(folder, { withFileTypes: true });
  } catch (error) {
    throw unreadable(folder, reasonOf(error), error);
  }
  const prefix = join(folder, "-").slice(0, -1);
  for (const entry of entries.sort((a, b) => (a.name < b.name ? -1 : 1))) {
    const path = prefix + entry.name;
    if (entry.isFile()) all.names.push(path);
    else if (entry.isSymbolicLink() && isFile(path)) {
      all.names.push(path);
      all.links = true;
    } else if (entry.isDirectory() && entry.name !== ".git" && entry.name !== "node_modules") below(path, all);
  }
}

/** A link that leads nowhere is none. */
function isFile(path: string): boolean {
  try {
    return statSync(path).isFile();
  } catch {
    return false;
  }
}

/** A glob that begins with a folder looks into that folder alone. */
function matches(pattern: string): Found {
  const { base, glob, prefix } = picomatch.scan(pattern);
  const folder = `${prefix}${base}` === "" ? "." : `${prefix}${base}`;
  const isMatch = picomatch(glob, { dot: false });
  const matching = statusOf(folder)?.isDirectory() === true ? found(folder, (path) => isMatch(relative(folder, path))) : { names: [], links: false };
  if (matching.names.length === 0) throw new FixError("USAGE", `${pattern}: no file matches`, "name files, folders or globs that can be read");
  return matching;
}
