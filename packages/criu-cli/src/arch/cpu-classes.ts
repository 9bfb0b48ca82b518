// `--cpu-cap`: which CPU features a dump records and a restore compares.
import { CriuError } from '../errors.js';
import type { CpuClass } from '../options.js';

const ALL: readonly CpuClass[] = ['fpu', 'ins', 'cpu'];
/** The classes that values of the option add to. */
const USUAL: readonly CpuClass[] = ['fpu', 'ins'];

/**
 * Parses classes separated by commas: each is added to `fpu,ins`, `none` removes all, and `^` before a class removes
 * it. An empty text means all.
 * @throws CriuError BAD_OPTION
 */
export function parseCpuClasses(text: string): CpuClass[] {
  if (text === '') return [...ALL];
  const classes = new Set(USUAL);
  for (const word of text.split(',')) {
    // As in CRIU, several words may follow each other without a comma.
    if (!/^(\^|fpu|ins|cpu|all|none)*$/.test(word))
      throw new CriuError(
        'BAD_OPTION',
        `bad value for --cpu-cap: ${text}`,
        {},
        'it is some of fpu, ins, cpu, all and none with commas between them, ^ before one takes it away',
      );
    let negated = false;
    for (const [name] of word.matchAll(/\^|fpu|ins|cpu|all|none/g)) {
      if (name === '^') {
        negated = !negated;
        continue;
      }
      const meant = name === 'all' || name === 'none' ? ALL : [name as CpuClass];
      for (const one of meant) {
        if (negated === (name === 'none')) classes.add(one);
        else classes.delete(one);
      }
    }
  }
  return ALL.filter((one) => classes.has(one));
}

/** The classes that `criu cpuinfo check` compares; never empty. */
export function classesToCheck(text: string | undefined): readonly CpuClass[] {
  const classes = text === undefined ? USUAL : parseCpuClasses(text);
  return classes.length > 0 ? classes : ALL;
}
