// Parses the command line of `criu-ns`: that of criu, optionally with the path of another criu.

import { dirname, join } from 'node:path';
import { realpathSync } from '@criu/native/fs';
import { CriuError } from '../../errors.js';
import { type GivenOption, parseArguments } from '../normalise.js';

export interface NsCommand {
  /** dump, pre-dump, restore or check. */
  readonly action: string;
  readonly given: readonly GivenOption[];
  /** Words after `--`. */
  readonly operands: readonly string[];
  /** Path of the criu to be run. */
  readonly criu: string;
  /** It is this criu, which stays as init as long as there are tasks, even when detached. */
  readonly own: boolean;
}

const ACTIONS = ['dump', 'pre-dump', 'restore', 'check'];
const BINARY = '--criu-binary';

/** @throws CriuError BAD_OPTION */
export function parseCommand(argv: readonly string[]): NsCommand {
  const words: string[] = [];
  const own = join(dirname(realpathSync(process.argv[1] ?? '')), 'criu');
  let criu = own;
  for (let i = 0; i < argv.length; i++) {
    const word = argv[i] ?? '';
    if (word === '--') {
      words.push(...argv.slice(i));
      break;
    }
    if (word !== BINARY && !word.startsWith(`${BINARY}=`)) {
      words.push(word);
      continue;
    }
    const value = word === BINARY ? argv[++i] : word.slice(BINARY.length + 1);
    if (!value)
      throw new CriuError('BAD_OPTION', `option ${BINARY} needs a value`, {}, 'give the path of criu');
    criu = value;
  }
  const { given, operands } = parseArguments(words);
  const [action = '', ...rest] = operands;
  if (!ACTIONS.includes(action))
    throw new CriuError(
      'BAD_OPTION',
      `criu-ns cannot ${action || 'do nothing'}`,
      {},
      `give one of: ${ACTIONS.join(', ')}`,
    );
  return { action, given, operands: rest, criu, own: criu === own };
}

/** The last value of an option. */
export function lastValue({ given }: NsCommand, name: string): string | undefined {
  return given.findLast(({ option }) => option.name === name)?.value;
}

export function hasFlag({ given }: NsCommand, name: string): boolean {
  const last = given.findLast(({ option }) => option.name === name);
  return last !== undefined && !last.negated;
}

/** Arguments for criu: the given ones, without some options and with some values replaced. */
export function argumentsFor(
  { action, given, operands }: NsCommand,
  without: readonly string[],
  more: Readonly<Record<string, string>> = {},
): string[] {
  const words = given
    .filter(({ option }) => !without.includes(option.name) && more[option.name] === undefined)
    .map(({ option, value, negated }) => {
      if (negated) return `--no-${option.name}`;
      return value === undefined ? `--${option.name}` : `--${option.name}=${value}`;
    });
  return [
    action,
    ...words,
    ...Object.entries(more).map(([name, value]) => `--${name}=${value}`),
    ...(operands.length > 0 ? ['--', ...operands] : []),
  ];
}

/** Descriptor numbers above 2 that options refer to, and that criu must therefore inherit. */
export function namedDescriptors({ given }: Pick<NsCommand, 'given'>): number[] {
  const numbers = given.flatMap(({ option, value = '' }) => {
    if (['ps-socket', 'status-fd', 'close'].includes(option.name)) return [Number(value)];
    const inherited = option.name === 'inherit-fd' ? /^fd\[(\d+)\]/.exec(value) : null;
    return inherited ? [Number(inherited[1])] : [];
  });
  return [...new Set(numbers)].filter((fd) => Number.isInteger(fd) && fd > 2);
}
