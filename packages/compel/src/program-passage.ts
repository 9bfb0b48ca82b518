// Passages of a program: steps that are repeated with other numbers. Thousands of pipes differ in the numbers of their descriptors
// only, and building the same steps anew for each takes most of the time that they take to plan.
import { abi } from '@criu/native';

const O = abi.AgentOp;
/** Size of a struct agent_op in 32-bit words, and indices of its words. */
const OP_WORDS = O.size >> 2;
const KINDS = O.kinds >> 2;
const ARGS = O.arg >> 2;
const MOST_ARGS = 6;

/** How far a program has got. */
export interface Bookmark {
  readonly steps: number;
  /** Number of operands that are places in data. */
  readonly sizes: number;
  /** Number of parts that cannot be repeated: results that are returned, descriptors that are sent, jumps, late numbers. */
  readonly single: number;
}

/** Steps of a program that can be repeated. */
export interface Passage {
  /** Index of the first step. */
  readonly first: number;
  readonly count: number;
  /** Size in bytes of each place in data to which an operand refers, in their order. */
  readonly sizes: readonly number[];
  /** Operands that are results of the passage itself, as indices of words from its first word. */
  readonly results: readonly number[];
}

/** Steps, a struct agent_op each, and the data to which they refer. */
export interface Content {
  readonly words: Int32Array;
  readonly data: Buffer;
}

/** The passage of `count` steps from `first` on. */
export function passageOf(
  words: Int32Array,
  first: number,
  count: number,
  sizes: readonly number[],
): Passage {
  const results: number[] = [];
  for (let place = 0; place < count * OP_WORDS; place += OP_WORDS) {
    const kinds = words[first * OP_WORDS + place + KINDS] ?? 0;
    for (let k = 0; k < MOST_ARGS; k++) {
      const arg = place + ARGS + 2 * k;
      const index = (words[first * OP_WORDS + arg] ?? 0) & 0xffff;
      if (((kinds >>> (4 * k)) & 15) === abi.AGENT_RESULT && index >= first) results.push(arg);
    }
  }
  return { first, count, sizes, results };
}

/**
 * Places of the numbers in which two passages of a program differ, as indices of words from the first word of each.
 * @returns undefined if they differ in more than numbers of 32 bits
 */
export function differences({ words, data }: Content, a: Passage, b: Passage): number[] | undefined {
  if (a.count !== b.count || a.sizes.length !== b.sizes.length) return undefined;
  const [fromA, fromB] = [a.first * OP_WORDS, b.first * OP_WORDS];
  const differs = (place: number) => words[fromA + place] !== words[fromB + place];
  const places: number[] = [];
  let nextSize = 0;
  for (let step = 0; step < a.count * OP_WORDS; step += OP_WORDS) {
    for (let word = 0; word < ARGS; word++) if (differs(step + word)) return undefined;
    const kinds = words[fromA + step + KINDS] ?? 0;
    for (let k = 0; k < MOST_ARGS; k++) {
      const place = step + ARGS + 2 * k;
      const kind = (kinds >>> (4 * k)) & 15;
      if (differs(place + 1)) return undefined;
      const [wordA, wordB] = [words[fromA + place] ?? 0, words[fromB + place] ?? 0];
      if (kind === abi.AGENT_DATA || kind === abi.AGENT_LOAD32 || kind === abi.AGENT_LOAD64) {
        const size = a.sizes[nextSize] ?? 0;
        if (size !== b.sizes[nextSize++]) return undefined;
        if (wordA !== wordB && data.compare(data, wordB, wordB + size, wordA, wordA + size) !== 0)
          return undefined;
      } else if (wordA !== wordB) {
        const isOwnResult = a.results.includes(place) && wordB - wordA === b.first - a.first;
        if (isOwnResult) continue;
        if (kind !== abi.AGENT_IMM) return undefined;
        places.push(place);
      }
    }
  }
  return places;
}

/** A number of a passage that is another one when it is repeated. */
export function numberAt(words: Int32Array, { first }: Passage, place: number): number {
  return words[first * OP_WORDS + place] ?? 0;
}

/**
 * Copies the steps of a passage, with other numbers at some places.
 * @param to index of the first copied step
 */
export function copySteps(
  words: Int32Array,
  { first, count, results }: Passage,
  to: number,
  places: readonly number[],
  numbers: readonly number[],
): void {
  const at = to * OP_WORDS;
  words.copyWithin(at, first * OP_WORDS, (first + count) * OP_WORDS);
  // The index of a step is in the lower 16 bits of such an operand.
  for (let i = 0; i < results.length; i++) {
    const word = at + (results[i] ?? 0);
    words[word] = (words[word] ?? 0) + to - first;
  }
  for (let i = 0; i < places.length; i++) words[at + (places[i] ?? 0)] = numbers[i] ?? 0;
}
