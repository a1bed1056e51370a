import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, test } from "@jest/globals";

const root = new URL("../..", import.meta.url).pathname;
const namesIn = (folder: string, ending: string): string[] =>
  readdirSync(`${root}test/lab/${folder}`).flatMap((file) => (file.endsWith(ending) ? [file.slice(0, -ending.length)] : []));

interface PlantedBug {
  scenario: string;
  why: string;
  file: string;
  from: string;
  to: string;
}

const bugs = namesIn("mutations", ".json").map((name): [string, PlantedBug] => [
  name,
  JSON.parse(readFileSync(`${root}test/lab/mutations/${name}.json`, "utf8")) as PlantedBug,
]);
const scenarios = namesIn("scenarios", ".mjs");
/** What needs a variable to be set is no test of the lab. */
const isTest = (scenario: string): boolean => !/^export const needs\b/m.test(readFileSync(`${root}test/lab/scenarios/${scenario}.mjs`, "utf8"));

describe("bugs that the lab plants", () => {
  test.each(bugs)("%s still fits the program's text", (_, { scenario, why, file, from, to }) => {
    expect(scenarios).toContain(scenario);
    expect(why).not.toBe("");
    expect(to).not.toBe(from);
    expect(readFileSync(`${root}${file}`, "utf8").split(from)).toHaveLength(2);
  });

  test("there is one at least for each scenario", () => {
    const noticed = new Set(bugs.map(([, { scenario }]) => scenario));
    expect(scenarios.filter((scenario) => isTest(scenario) && !noticed.has(scenario))).toEqual([]);
  });
});
