// System calls that a program takes by the thousands: their operands are columns of numbers.
import type { Mark, StepOptions } from './operands.js';

/** Labels of steps that have been added as rows. */
export interface RowLabels {
  /** Index of the step of row 0; it may be one of another program. */
  readonly first: number;
  readonly of: (row: number) => string | undefined;
}

/** System calls of one name whose arguments are columns of numbers. */
export interface Rows {
  /** For each argument a column, or the number that all rows have. */
  readonly args: readonly (number | ArrayLike<number>)[];
  /** The expected results; without them any result is fine that is no error. */
  readonly expect?: ArrayLike<number>;
  /** Where the program goes on if a row fails. */
  readonly orGoTo?: Mark;
  readonly label: (row: number) => string;
}

/**
 * Stores a column of integers, or the same one for all rows, in each step.
 * @param place index of the word in the step of row `from`
 * @param stride number of words of a step
 */
export function putColumn(
  words: Int32Array,
  { place, stride }: { readonly place: number; readonly stride: number },
  column: number | ArrayLike<number>,
  from: number,
  to: number,
): void {
  const same = typeof column === 'number' ? column : undefined;
  for (let row = from, at = place; row < to; row++, at += stride) {
    const value = same ?? (column as ArrayLike<number>)[row] ?? 0;
    words[at] = value;
    words[at + 1] = Math.floor(value / 0x1_0000_0000);
  }
}

/** The label of a step. @param index of the step in its program */
export function labelText(label: StepOptions['label'] | RowLabels, index: number): string | undefined {
  if (typeof label === 'object') return label.of(index - label.first);
  return typeof label === 'function' ? label() : label;
}
