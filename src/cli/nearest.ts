/** The word that was probably meant. */

/** By edit distance: the word that is meant is rarely more than a few letters away. */
export function nearest(word: string, known: readonly string[]): string {
  const distance = (a: string, b: string): number => {
    let row = Array.from({ length: b.length + 1 }, (_, index) => index);
    for (let i = 1; i <= a.length; i += 1) {
      const next = [i];
      for (let j = 1; j <= b.length; j += 1)
        next.push(Math.min((next[j - 1] ?? 0) + 1, (row[j] ?? 0) + 1, (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1)));
      row = next;
    }
    return row[b.length] ?? 0;
  };
  return [...known].sort((a, b) => distance(word.slice(0, 64), a) - distance(word.slice(0, 64), b))[0] ?? "";
}
