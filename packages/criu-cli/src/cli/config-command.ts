// `criu config`: shows the options in force and where each comes from.
import { asCriuError } from '../errors.js';
import { configChoice } from './command-line.js';
import { type ConfigPlace, configPlaces, readIfThere } from './config-file.js';
import { VARIABLES } from './environment.js';
import { DEFAULT_VERBOSITY, type GivenOption, givenValues } from './normalise.js';
import type { OptionRecord } from './option-record.js';
import { optionNotes } from './option-table.js';
import type { Settings } from './settings.js';
import type { Shell } from './shell.js';

interface Shown {
  readonly option: string;
  readonly value: string | boolean | readonly string[];
  /** File and line, or `command line`, of each place that contributes to the value. */
  readonly from: readonly string[];
  /** Values that were overridden by later places. */
  readonly instead: readonly { readonly value: string; readonly from: string }[];
  readonly notes: readonly string[];
}

/** Options about the configuration itself; they are not shown. */
const ABOUT_ITSELF = ['config', 'no-default-config', 'json'];
const OWN = 'command line';

function said({ option, value, negated }: GivenOption): string {
  if (option.type === 'flag') return negated ? 'no' : 'yes';
  return value ?? '';
}

function valueIn(option: OptionRecord, texts: readonly string[]): Shown['value'] {
  if (option.type === 'flag') return texts.at(-1) === 'true';
  return option.type === 'list' ? texts : (texts.at(-1) ?? '');
}

function shownOptions(given: readonly GivenOption[]): Shown[] {
  const values = givenValues(given);
  return [...values].flatMap(([option, texts]): Shown[] => {
    if (ABOUT_ITSELF.includes(option.name)) return [];
    const own = given.filter((one) => one.option === option || one.option.name === option.rival);
    // All values of a list count, and each -v adds to the level so far.
    const adds = option.type === 'list' || option.type === 'verbosity';
    const counting = adds ? own : own.slice(-1);
    // An option that its rival has overridden is shown with the rival.
    if (counting.some((one) => one.option !== option)) return [];
    const from = (one: GivenOption) =>
      `${one.source ?? OWN}${one.option === option ? '' : ` (--${one.option.name})`}`;
    return [
      {
        option: option.name,
        value: valueIn(option, texts),
        from: counting.map(from),
        instead: own
          .filter((one) => !counting.includes(one))
          .map((one) => ({ value: one.option === option ? said(one) : 'no', from: from(one) })),
        notes: optionNotes(option),
      },
    ];
  });
}

/** Whether a configuration file was read, is missing, or is unreadable. */
function stateOf({ file, by }: ConfigPlace): { file: string; by: string; state: string } {
  try {
    return { file, by, state: readIfThere(file) === null ? 'not there' : 'read' };
  } catch (error) {
    const { summary } = asCriuError(error, 'cannot be read');
    return { file, by, state: `passed over: ${summary}` };
  }
}

function valueText(value: Shown['value']): string {
  if (typeof value === 'boolean') return value ? 'yes' : 'no';
  return (typeof value === 'string' ? [value] : value)
    .map((one) => (/^[^\s"#]+$/.test(one) ? one : JSON.stringify(one)))
    .join(' ');
}

/** Formats rows with each column as wide as its widest cell. */
function columns(rows: readonly (readonly string[])[]): string {
  const widths = rows[0]?.map((_, i) => Math.max(...rows.map((row) => row[i]?.length ?? 0))) ?? [];
  return rows
    .map((row) =>
      `  ${row.map((cell, i) => (i + 1 < row.length ? cell.padEnd(widths[i] ?? 0) : cell)).join('  ')}`.trimEnd(),
    )
    .join('\n');
}

export async function configCommand(
  settings: Settings,
  shell: Shell,
  given: readonly GivenOption[],
): Promise<number> {
  const options = shownOptions(given);
  const own = given.filter(({ source }) => source === undefined);
  const files = configPlaces(configChoice(own), shell.env).map(stateOf);
  const env = shell.env as Readonly<Record<string, string | undefined>>;
  const variables = VARIABLES.flatMap(({ name, support, help }) => {
    const value = env[name];
    return value === undefined ? [] : [{ name, value, heeded: support !== 'refused', help }];
  });
  if (settings.flag('json')) {
    shell.stdout(`${JSON.stringify({ options, files, environment: variables }, null, 2)}\n`);
    return 0;
  }
  const text = [
    'Options, the one that comes last counts:',
    options.length === 0
      ? '  none is given'
      : columns(
          options.flatMap(({ option, value, from, instead, notes }) => [
            [option, valueText(value), [from.join(', '), ...notes.map((note) => `(${note})`)].join(' ')],
            ...instead.map((other) => ['', `before: ${other.value}`, other.from]),
          ]),
        ),
    '',
    'Files, in this order, before the command line:',
    files.length === 0
      ? '  none'
      : columns(files.map(({ file, by, state }) => [file, state, by === 'default' ? '' : `named by ${by}`])),
    '',
    'Environment:',
    variables.length === 0
      ? '  nothing that means anything to criu'
      : columns(
          variables.map(({ name, value, heeded, help }) => [
            name,
            value,
            heeded ? help : `no effect: ${help}`,
          ]),
        ),
    '',
    `Everything else is as \`criu --help\` says; the log level is ${settings.verbosity}${settings.verbosity === DEFAULT_VERBOSITY ? ' unless given' : ''}.`,
  ];
  shell.stdout(`${text.join('\n')}\n`);
  return 0;
}
