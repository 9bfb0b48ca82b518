// `--cpu-cap`: which features of the processor are written by a dump, and compared before a restore.
import { CriuError } from '../errors.js';
import type { CpuClass } from '../options.js';

const ALL: readonly CpuClass[] = ['fpu', 'ins', 'cpu'];
/** What an option adds to. */
const USUAL: readonly CpuClass[] = ['fpu', 'ins'];

/**
 * Classes with commas between them; each adds to `fpu,ins`, `none` takes all away, and `^` before one takes it away. Without
 * any, all of them.
 * @throws CriuError BAD_OPTION
 */
export function parseCpuClasses(text: string): CpuClass[] {
  if (text === '') return [...ALL];
  const classes = new Set(USUAL);
  for (const word of text.split(',')) {
    // As CRIU reads it, several may stand in a row.
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

/** What `criu cpuinfo check` compares: never nothing. */
export function classesToCheck(text: string | undefined): readonly CpuClass[] {
  const classes = text === undefined ? USUAL : parseCpuClasses(text);
  return classes.length > 0 ? classes : ALL;
}
