/** Edit distance, with a swap of neighbours counted as one edit. */
function distance(a: string, b: string): number {
  let beforeLast: number[] = [];
  let last = Array.from({ length: b.length + 1 }, (_, column) => column);
  for (let row = 1; row <= a.length; row++) {
    const current = [row];
    for (let column = 1; column <= b.length; column++) {
      const cost = a[row - 1] === b[column - 1] ? 0 : 1;
      let best = Math.min((last[column] ?? 0) + 1, (current[column - 1] ?? 0) + 1, (last[column - 1] ?? 0) + cost);
      if (row > 1 && column > 1 && a[row - 1] === b[column - 2] && a[row - 2] === b[column - 1]) {
        best = Math.min(best, (beforeLast[column - 2] ?? 0) + 1);
      }
      current.push(best);
    }
    beforeLast = last;
    last = current;
  }
  return last[b.length] ?? 0;
}

/** The known name nearest to a misspelt one, if any is near enough. */
function nearest(name: string, known: readonly string[]): string | undefined {
  if (name.length > 64) return undefined;
  const wanted = name.toLowerCase();
  let best: string | undefined;
  let bestDistance = Math.max(1, Math.floor(name.length / 3)) + 1;
  for (const candidate of known) {
    // The difference in length is the least that the distance can be.
    if (Math.abs(candidate.length - name.length) >= bestDistance) continue;
    const far = distance(wanted, candidate.toLowerCase());
    if (far < bestDistance) {
      best = candidate;
      bestDistance = far;
    }
  }
  return best;
}

/** "did you mean …?", or undefined. */
export function didYouMean(name: string, known: readonly string[]): string | undefined {
  const match = nearest(name, known);
  if (match !== undefined) return `did you mean "${match}"?`;
  // "net" for "network", "ERRNO" for "SCMP_ACT_ERRNO"
  const longer = known.filter((candidate) => name.length > 2 && candidate.toLowerCase().includes(name.toLowerCase()));
  return longer.length === 1 ? `did you mean "${longer[0]}"?` : undefined;
}
