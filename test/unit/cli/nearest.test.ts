import { describe, expect, test } from "@jest/globals";
import { didYouMean } from "../../../src/cli/nearest.ts";

const words = ["thinpool-missing", "service-down", "watch", "spec"];

describe("the word that was probably meant", () => {
  test.each([
    ["thinpol-missing", "did you mean thinpool-missing? "],
    ["thinpool_mising", "did you mean thinpool-missing? "],
    ["servicedown", "did you mean service-down? "],
    ["wach", "did you mean watch? "],
    ["specs", "did you mean spec? "],
  ])("%s", (word, words_) => expect(didYouMean(word, words)).toBe(words_));

  test.each(["bogus", "foo", "", "nothing-like-any-of-them", "x".repeat(10_000)])("%s is like none", (word) => expect(didYouMean(word, words)).toBe(""));

  test("of none, none", () => expect(didYouMean("watch", [])).toBe(""));
});
