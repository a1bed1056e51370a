/** TOML text → tables. The one importer of smol-toml. */

import { parse, TomlError } from "smol-toml";

export type TomlTable = Record<string, unknown>;

export interface TomlProblem {
  message: string;
  /** From 1; null where the parser tells none. */
  line: number | null;
  column: number | null;
}

export function parseToml(text: string): { table: TomlTable } | { problem: TomlProblem } {
  try {
    return { table: parse(text) };
  } catch (error) {
    // The first line is the reason; what follows is a picture of the place.
    const [message = ""] = (error instanceof Error ? error.message : String(error)).replace(/^Invalid TOML document: /, "").split("\n");
    return { problem: { message, line: error instanceof TomlError ? error.line : null, column: error instanceof TomlError ? error.column : null } };
  }
}

export function tableAt(value: unknown, key: string): TomlTable | undefined {
  const found = isTable(value) ? value[key] : undefined;
  return isTable(found) ? found : undefined;
}

export function stringAt(value: unknown, key: string): string | undefined {
  const found = isTable(value) ? value[key] : undefined;
  return typeof found === "string" && found !== "" ? found : undefined;
}

export function stringsAt(value: unknown, key: string): string[] {
  const found = isTable(value) ? value[key] : undefined;
  return Array.isArray(found) ? found.filter((item) => typeof item === "string") : [];
}

export function isTable(value: unknown): value is TomlTable {
  return typeof value === "object" && value !== null && !Array.isArray(value) && !(value instanceof Date);
}
