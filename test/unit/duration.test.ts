import { expect, test } from "@jest/globals";
import { milliseconds } from "../../src/duration.ts";

test.each<[unknown, number | null]>([
  ["500ms", 500],
  ["90s", 90_000],
  ["5m", 300_000],
  ["2h", 7_200_000],
  ["1d", 86_400_000],
  ["0s", null],
  ["5", null],
  ["-5s", null],
  ["5 s", null],
  ["1.5h", null],
  ["5S", null],
  ["9999999999s", null],
  ["3650d", 315_360_000_000],
  ["3651d", null],
  ["", null],
  [90, null],
  [null, null],
])("%j is %j ms", (text, expected) => expect(milliseconds(text)).toBe(expected));
