/** The word that was probably meant. */

/** `did you mean WORD? ` of the known word that is a few letters away (edit distance, at most two fifths of it); empty where none is. */
export function didYouMean(word: string, known: readonly string[]): string {
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
  const said = word.slice(0, 64);
  const [nearest] = known.map((each) => ({ each, away: distance(said, each) })).sort((a, b) => a.away - b.away);
  return nearest && nearest.away <= Math.max(2, nearest.each.length * 0.4) ? `did you mean ${nearest.each}? ` : "";
}
