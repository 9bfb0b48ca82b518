// Medians with their spread, and what can be said of a ratio.

/** Value below which this part of the others is; between two of them when it falls there. */
export function quantile(values, part) {
  const sorted = [...values].sort((a, b) => a - b);
  const at = (sorted.length - 1) * part;
  const low = Math.floor(at);
  const high = Math.min(low + 1, sorted.length - 1);
  return sorted[low] + (sorted[high] - sorted[low]) * (at - low);
}

/** Median, quartiles, least and most. */
export function spread(values) {
  const at = (part) => quantile(values, part);
  return { median: at(0.5), low: at(0.25), high: at(0.75), min: at(0), max: at(1), runs: values.length };
}

/** Quartiles of a ratio that are further apart than this part of it say that others use the machine, too. */
const NOISY = 0.25;
/** Fewer runs have no spread to speak of. */
const FEWEST = 3;

/** Two that took turns, run by run: what slows the machine for a while slows both. */
export function compare(ours, theirs) {
  const ratio = spread(ours.map((value, i) => value / theirs[i]));
  const few = ratio.runs < FEWEST;
  return { ...ratio, few, noisy: few || (ratio.high - ratio.low) / ratio.median > NOISY };
}
