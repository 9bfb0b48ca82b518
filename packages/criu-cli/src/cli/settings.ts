// The settings of a command: options of configuration files, command line or request, by name.
import { CriuError } from '../errors.js';
import { Refusals } from '../refusals.js';
import { COMMANDS, type Command } from './commands.js';
import { DEFAULT_VERBOSITY, type GivenOption, givenValues } from './normalise.js';
import { OPTIONS, type OptionRecord } from './option-table.js';

/** Values of options by name. */
export interface OptionValues {
  readonly [name: string]: unknown;
}

/** The last value of each given option; all values of lists. */
export function argumentsOf(given: readonly GivenOption[]): OptionValues {
  const out: Record<string, unknown> = {};
  for (const [{ name, type }, texts] of givenValues(given)) {
    const last = texts.at(-1);
    if (type === 'flag') out[name] = last === 'true';
    else if (type === 'number' || type === 'verbosity') out[name] = Number(last);
    else out[name] = type === 'list' ? texts : last;
  }
  return out;
}

export class Settings {
  /** @throws CriuError BAD_OPTION */
  constructor(
    readonly command: Command,
    private readonly argv: OptionValues,
    /** Words after the command. */
    readonly operands: readonly string[] = [],
  ) {
    if (this.operands.length > 0 && command !== 'swrk' && !this.flag('exec-cmd'))
      throw new CriuError(
        'BAD_OPTION',
        `unexpected after ${command}: ${this.operands.join(' ')}`,
        {},
        `leave it out: a value stands right behind its option, \`criu ${command} --help\` shows which option takes one`,
      );
  }

  flag(name: string): boolean {
    return this.argv[name] === true;
  }
  text(name: string): string | undefined {
    return this.argv[name] as string | undefined;
  }
  number(name: string): number | undefined {
    return this.argv[name] as number | undefined;
  }
  list(name: string): readonly string[] {
    return (this.argv[name] as readonly string[] | undefined) ?? [];
  }
  /** The value as it was given, whatever its type. */
  value(name: string): unknown {
    return this.argv[name];
  }
  has(name: string): boolean {
    return this.argv[name] !== undefined && this.argv[name] !== false;
  }

  /** The requested log level, at most 4. */
  get verbosity(): number {
    return this.number('verbosity') ?? DEFAULT_VERBOSITY;
  }
  get finalState(): 'dead' | 'stopped' | 'running' {
    if (this.flag('leave-stopped')) return 'stopped';
    return this.flag('leave-running') ? 'running' : 'dead';
  }
}

/**
 * Refuses unsupported commands and options, since ignoring them would not do what was asked for.
 * @throws CriuError UNSUPPORTED
 */
export function requireSupported(settings: Settings): void {
  const command = COMMANDS.find((c) => c.name === settings.command);
  if (command && !command.supported)
    throw new CriuError(
      'UNSUPPORTED',
      `the command ${command.name} is not supported`,
      {},
      'use CRIU itself for this: the images are the same',
    );
  const refusals = new Refusals();
  for (const option of OPTIONS) {
    // An option of other commands has no effect on this one.
    const concerns = !option.commands || option.commands.includes(settings.command);
    if (option.support === 'no' && concerns && settings.has(option.name))
      refusals.add(refusalOf(`the option --${option.name}`, option));
  }
  refusals.settle();
}

/** The error for a refused option. @param what the option as the user named it */
export function refusalOf(what: string, { refusal }: OptionRecord): CriuError {
  return new CriuError(
    'UNSUPPORTED',
    refusal ? `${what} is refused: ${refusal.why}` : `${what} is not supported`,
    {},
    refusal && `${refusal.instead}; or use CRIU itself: the images are the same`,
  );
}

/** Commands that only handle files. */
const HARMLESS: readonly Command[] = ['dedup', 'page-server', 'config'];

/** Dump, restore and check need privileges; `restore --dry-run` only reads. @throws CriuError NOT_PERMITTED */
export function requirePrivileges(settings: Settings, uid: number): void {
  if (
    uid === 0 ||
    HARMLESS.includes(settings.command) ||
    settings.flag('unprivileged') ||
    settings.flag('dry-run')
  )
    return;
  throw new CriuError(
    'NOT_PERMITTED',
    `${settings.command} needs root`,
    {},
    'run it with sudo; --unprivileged tries with the capabilities that there are',
  );
}
