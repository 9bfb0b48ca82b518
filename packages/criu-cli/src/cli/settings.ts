// What was asked for, from configuration files and command line together, checked and with values of their types.
import { CriuError } from '../errors.js';
import { COMMANDS, type Command, RETIRED } from './commands.js';
import { type ConfigPlaces, configFiles } from './config-file.js';
import type { OptionRecord } from './option-table.js';
import { didYouMean, type GivenOption, parseArguments } from './parse.js';

export const DEFAULT_VERBOSITY = 2;

export class Settings {
  private readonly flags = new Map<string, boolean>();
  private readonly values = new Map<string, string>();
  private readonly lists = new Map<string, string[]>();
  /** Log level asked for; more than 4 is 4. */
  verbosity = DEFAULT_VERBOSITY;
  /** `-s` and `-R` speak of the same thing: the later one counts. */
  finalState: 'dead' | 'stopped' | 'running' = 'dead';
  command: Command | undefined;
  /** Operands after the command. */
  operands: readonly string[] = [];

  /** Options in the order given, for error messages about what is not supported. */
  readonly used = new Set<OptionRecord>();

  flag(name: string): boolean {
    return this.flags.get(name) ?? false;
  }
  text(name: string): string | undefined {
    return this.values.get(name);
  }
  number(name: string): number | undefined {
    const text = this.values.get(name);
    return text === undefined ? undefined : Number(text);
  }
  list(name: string): readonly string[] {
    return this.lists.get(name) ?? [];
  }
  has(name: string): boolean {
    return this.flags.get(name) === true || this.values.has(name) || this.lists.has(name);
  }

  /** @throws CriuError BAD_OPTION */
  apply({ option, value, negated }: GivenOption): void {
    if (!negated) this.used.add(option);
    else this.used.delete(option);
    switch (option.type) {
      case 'verbosity':
        // `-verbosity=0` is -v with a value that is no number: level 0, as atoi() has it.
        if (value === undefined) this.verbosity++;
        else if (/^v+$/.test(value)) this.verbosity += value.length + 1;
        else this.verbosity = Number.parseInt(value, 10) || 0;
        return;
      case 'flag':
        if (option.name === 'leave-stopped') this.finalState = 'stopped';
        if (option.name === 'leave-running') this.finalState = 'running';
        this.flags.set(option.name, !negated);
        return;
      case 'list':
        this.lists.set(option.name, [...this.list(option.name), value ?? '']);
        return;
      case 'number':
        if (!/^\d+$/.test(value ?? '')) throw badValue(option, value, 'a number is needed');
        break;
      case 'size':
        parseSize(option, value ?? '');
        break;
      default:
    }
    if (option.choices && value !== undefined && !option.choices.includes(value))
      throw badValue(option, value, `it is one of ${option.choices.join(', ')}`);
    this.values.set(option.name, value ?? '');
  }
}

function badValue(option: OptionRecord, value: string | undefined, remedy: string): CriuError {
  return new CriuError('BAD_OPTION', `bad value for --${option.name}: ${value}`, {}, remedy);
}

/** Bytes of `10`, `4K`, `2M`, `1G`. @throws CriuError BAD_OPTION */
export function parseSize(option: OptionRecord, text: string): number {
  const match = /^(\d+)([KMG]?)$/.exec(text);
  const bytes = match && Number(match[1]) * { '': 1, K: 2 ** 10, M: 2 ** 20, G: 2 ** 30 }[match[2] ?? '']!;
  if (!match || !Number.isSafeInteger(bytes))
    throw badValue(option, text, 'bytes are needed, or a number with K, M or G');
  return bytes as number;
}

function findCommand(operands: readonly string[]): { command: Command; rest: readonly string[] } {
  const [first, second] = operands;
  if (first === undefined)
    throw new CriuError('BAD_OPTION', 'no command given', {}, '`criu --help` lists the commands');
  if (first === 'cpuinfo') {
    if (second === 'dump' || second === 'check')
      return { command: `cpuinfo ${second}`, rest: operands.slice(2) };
    throw new CriuError(
      'BAD_OPTION',
      second ? `unknown command: cpuinfo ${second}` : 'cpuinfo needs dump or check',
      {},
      'it is `criu cpuinfo dump` or `criu cpuinfo check`',
    );
  }
  const known = COMMANDS.find((c) => c.name === first);
  if (known) return { command: known.name, rest: operands.slice(1) };
  const instead = RETIRED[first];
  if (instead) throw new CriuError('UNSUPPORTED', `the command ${first} was retired`, {}, instead);
  throw new CriuError(
    'BAD_OPTION',
    `unknown command: ${first}`,
    {},
    didYouMean(
      first,
      COMMANDS.map((c) => c.name),
    ) ?? '`criu --help` lists the commands',
  );
}

/** Everything together. @throws CriuError BAD_OPTION */
export function readSettings(argv: readonly string[], places: ConfigPlaces): Settings {
  const settings = new Settings();
  for (const { file, statements } of configFiles(argv, places)) {
    for (const { line, argv: statement } of statements) {
      try {
        const { given, operands } = parseArguments(statement);
        if (operands.length > 0)
          throw new CriuError('BAD_OPTION', `unexpected text after the option: ${operands.join(' ')}`);
        for (const g of given) settings.apply(g);
      } catch (error) {
        if (!(error instanceof CriuError)) throw error;
        throw new CriuError(error.code, error.message, { file: `${file}:${line}` }, error.remedy);
      }
    }
  }
  const { given, operands } = parseArguments(argv);
  for (const g of given) settings.apply(g);
  if (settings.flag('help') || settings.flag('version')) return settings;
  const { command, rest } = findCommand(operands);
  settings.command = command;
  settings.operands = rest;
  if (rest.length > 0 && command !== 'swrk' && !settings.flag('exec-cmd'))
    throw new CriuError('BAD_OPTION', `unexpected after ${command}: ${rest.join(' ')}`);
  return settings;
}

/** Commands and options that cannot be done yet are errors, as going on would lose what was asked for. */
export function requireSupported(settings: Settings): void {
  const command = COMMANDS.find((c) => c.name === settings.command);
  if (command && !command.supported)
    throw new CriuError('UNSUPPORTED', `the command ${command.name} is not supported yet`);
  for (const option of settings.used) {
    // What belongs to another command means nothing to this one.
    const concerns = !option.commands || option.commands.includes(settings.command!);
    if (option.support === 'no' && concerns)
      throw new CriuError(
        'UNSUPPORTED',
        `the option --${option.name} is not supported yet`,
        {},
        'leave it out, or use CRIU itself for this: the images are the same',
      );
  }
}

/** Dump, restore and check need privileges; `restore --dry-run` only reads. @throws CriuError NOT_PERMITTED */
export function requirePrivileges(settings: Settings, uid: number): void {
  if (uid === 0 || settings.flag('unprivileged') || settings.flag('dry-run')) return;
  throw new CriuError(
    'NOT_PERMITTED',
    `${settings.command} needs root`,
    {},
    'run it with sudo; --unprivileged tries with the capabilities that there are',
  );
}
