// Parses a command line in the style of CRIU's getopt_long(3): -v4, -x123, abbreviated names, optional values and
// --no-NAME are mapped to options of the table with their values.
import { CriuError } from '../errors.js';
import type { OptionRecord } from './option-record.js';
import { OPTIONS } from './option-table.js';

/** One given option; `value` is undefined for flags and for optional values left out. */
export interface GivenOption {
  readonly option: OptionRecord;
  readonly value?: string;
  /** `--no-NAME`; for an option with a value (RPC only): drop the values given so far. */
  readonly negated?: boolean;
  /** File and line of a configuration file; undefined for command line and requests. */
  readonly source?: string;
}

export const DEFAULT_VERBOSITY = 2;

export interface ParsedArguments {
  readonly given: readonly GivenOption[];
  readonly operands: readonly string[];
}

interface LongName {
  readonly option: OptionRecord;
  readonly negated: boolean;
}

const takesValue = (o: OptionRecord) => o.type !== 'flag' && !mayTakeValue(o);
const mayTakeValue = (o: OptionRecord) => o.type === 'optional' || o.type === 'verbosity';

const isFlagOf = ({ choices }: OptionRecord, rest: string) =>
  choices !== undefined && !choices.includes(rest);

/** Edit distance between two words, for "did you mean"; swapping two adjacent letters counts as one step. */
function distance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, i) => i);
  let before: number[] = [];
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (const [j, above] of row.entries()) {
      if (j === 0) continue;
      const [left = 0, diagonal = 0] = [next[j - 1], row[j - 1]];
      const changed = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1];
      const swapped = changed ? (before[j - 2] ?? 0) + 1 : Number.POSITIVE_INFINITY;
      next.push(Math.min(above + 1, left + 1, swapped, diagonal + (a[i - 1] === b[j - 1] ? 0 : 1)));
    }
    before = row;
    row = next;
  }
  return row.at(-1) ?? 0;
}

/** The most similar name, as a remedy; undefined if none is similar. */
export function didYouMean(word: string, names: readonly string[], prefix = ''): string | undefined {
  const [best] = names
    .map((name) => ({ name, d: distance(word, name) }))
    .filter(({ name, d }) => d <= Math.max(1, Math.floor(name.length / 3)))
    .sort((a, b) => a.d - b.d);
  return best && `did you mean ${prefix}${best.name}?`;
}

function longNames(): Map<string, LongName> {
  const names = new Map<string, LongName>();
  for (const option of OPTIONS) {
    names.set(option.name, { option, negated: false });
    if (option.negatable) names.set(`no-${option.name}`, { option, negated: true });
  }
  return names;
}

function findLong(names: Map<string, LongName>, word: string): LongName {
  const exact = names.get(word);
  if (exact) return exact;
  const starting = [...names.keys()].filter((name) => word !== '' && name.startsWith(word));
  const [first = ''] = starting;
  const only = starting.length === 1 ? names.get(first) : undefined;
  if (only) return only;
  if (starting.length > 1)
    throw new CriuError(
      'BAD_OPTION',
      `--${word} could mean ${starting.map((n) => `--${n}`).join(', ')}`,
      {},
      'write the option out',
    );
  throw new CriuError(
    'BAD_OPTION',
    `unknown option --${word}`,
    {},
    didYouMean(word, [...names.keys()], '--') ?? '`criu --help` lists all options',
  );
}

/** @throws CriuError BAD_OPTION */
export function parseArguments(argv: readonly string[]): ParsedArguments {
  const names = longNames();
  const shorts = new Map(OPTIONS.flatMap((o) => (o.alias ? [[o.alias, o] as const] : [])));
  const given: GivenOption[] = [];
  const operands: string[] = [];
  const needed = (shown: string, { value: form, help }: OptionRecord, i: number): string => {
    const value = argv[i];
    if (value === undefined)
      throw new CriuError('BAD_OPTION', `option ${shown} needs a value`, {}, `${shown} ${form}: ${help}`);
    return value;
  };
  for (let i = 0; i < argv.length; i++) {
    const word = argv[i] ?? '';
    if (word === '--') {
      operands.push(...argv.slice(i + 1));
      break;
    }
    if (word.startsWith('--')) {
      const equals = word.indexOf('=');
      const name = equals < 0 ? word.slice(2) : word.slice(2, equals);
      const { option, negated } = findLong(names, name);
      const inline = equals < 0 ? undefined : word.slice(equals + 1);
      if (option.type === 'flag' || negated) {
        if (inline !== undefined)
          throw new CriuError(
            'BAD_OPTION',
            `option --${name} takes no value`,
            {},
            `leave =${inline} out${option.negatable && !negated ? `; --no-${option.name} is its opposite` : ''}`,
          );
        given.push(negated ? { option, negated } : { option });
      } else if (inline !== undefined) given.push({ option, value: inline });
      else if (mayTakeValue(option)) given.push({ option });
      else given.push({ option, value: needed(`--${option.name}`, option, ++i) });
      continue;
    }
    if (word.startsWith('-') && word.length > 1) {
      for (let at = 1; at < word.length; at++) {
        const option = shorts.get(word.charAt(at));
        if (!option)
          throw new CriuError(
            'BAD_OPTION',
            `unknown option -${word[at]}${word.length > 2 ? ` in ${word}` : ''}`,
            {},
            '`criu --help` lists all options',
          );
        const rest = word.slice(at + 1);
        // An optional value must exist to be taken; otherwise the letters are flags.
        if (option.type === 'flag' || (mayTakeValue(option) && isFlagOf(option, rest))) {
          given.push({ option });
          continue;
        }
        if (takesValue(option))
          given.push({ option, value: rest || needed(`-${option.alias}`, option, ++i) });
        else given.push(rest ? { option, value: rest } : { option });
        break;
      }
      continue;
    }
    operands.push(word);
  }
  return { given, operands };
}

/** Log level after a further `-v`, `-v4` or `-vvv`. */
function verbosityAfter(level: number, value: string | undefined): number {
  if (value === undefined) return level + 1;
  // `-verbosity=0` is -v with a value that is not a number: level 0, as atoi(3) would parse it.
  return /^v+$/.test(value) ? level + value.length + 1 : Number.parseInt(value, 10) || 0;
}

/** Values by option: of several values, the last one counts; lists keep all. */
export function givenValues(given: readonly GivenOption[]): Map<OptionRecord, string[]> {
  const values = new Map<OptionRecord, string[]>();
  let verbosity = DEFAULT_VERBOSITY;
  for (const { option, value, negated } of given) {
    if (option.type === 'verbosity') {
      verbosity = verbosityAfter(verbosity, value);
      values.set(option, [String(verbosity)]);
    } else if (option.type === 'flag') {
      values.set(option, [String(!negated)]);
      const rival = OPTIONS.find(({ name }) => name === option.rival);
      if (rival) values.set(rival, ['false']);
    } else if (negated) values.delete(option);
    else values.set(option, [...(option.type === 'list' ? (values.get(option) ?? []) : []), value ?? '']);
  }
  return values;
}
