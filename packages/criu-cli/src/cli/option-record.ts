// What there is to say of an option: one record, from which the command line, configuration files, requests, the options of the
// engine, help texts and docs/cli.md come.

import type { CriuOpts } from '@criu/images';
import { resolvePath } from '@criu/native/fs';
import type { DumpOptions, RestoreOptions } from '../options.js';
import type { Command } from './commands.js';

export type OptionType =
  /** On or off; `--no-NAME` when negatable. */
  | 'flag'
  | 'text'
  /** Text that may be given several times. */
  | 'list'
  | 'number'
  /** Bytes with an optional suffix K, M or G. */
  | 'size'
  /** Text that may be left out; only `--name=value` gives one. */
  | 'optional'
  /** `-v`, `-vv`, `-v4`, `--verbosity=4`. */
  | 'verbosity';

export type OptionSupport =
  /** Does what it says. */
  | 'yes'
  /** Taken for compatibility; what it asks for is always so, or has nothing to act upon here. */
  | 'accepted'
  /** An error when it is given, with its `refusal`: to ignore it would lose what was asked for. */
  | 'no';

/** Why an option is refused. */
export interface Refusal {
  /** Ends the sentence "the option … is refused: ". */
  readonly why: string;
  /** What can be done instead. */
  readonly instead: string;
}

export interface OptionRecord {
  readonly name: string;
  readonly alias?: string;
  readonly type: OptionType;
  /** Name of its value in the help. */
  readonly value?: string;
  readonly choices?: readonly string[];
  readonly negatable?: boolean;
  /** Throws a CriuError for a value that is none. */
  readonly check?: (value: string) => unknown;
  /** Flag that says the opposite: the later one of both counts. */
  readonly rival?: string;
  /** Commands it belongs to; all when left out. CRIU takes every option with every command, and so do we. */
  readonly commands?: readonly Command[];
  readonly group: OptionGroup;
  readonly support: OptionSupport;
  readonly refusal?: Refusal;
  /** Not in CRIU 4.2. */
  readonly ours?: boolean;
  readonly help: string;
  /** What dump() or restore() gets of it. Without: a command acts upon it, or nobody does. */
  readonly engine?: EngineRule;
  /** The field of a request (criu_opts) that says the same, with a value of the same type. */
  readonly rpc?: keyof CriuOpts;
}

export const GROUPS = [
  'Common',
  'Dump',
  'Restore',
  'Check',
  'Files and devices',
  'Network',
  'Namespaces and cgroups',
  'Memory',
  'Servers',
] as const;
export type OptionGroup = (typeof GROUPS)[number];

/** What dump() and restore() take, of both together. */
export type EngineOptions = {
  -readonly [K in keyof DumpOptions | keyof RestoreOptions]?: (DumpOptions & RestoreOptions)[K];
};

/** Options of the engine that take any value of a type. */
type KeysOf<V> = {
  [K in keyof EngineOptions]-?: V extends NonNullable<EngineOptions[K]> ? K : never;
}[keyof EngineOptions];

export interface EngineRule {
  /** Which options of the engine it becomes, or has a part in. */
  readonly keys: readonly (keyof EngineOptions)[];
  /** Missing where several options make one together: engine-options.ts does that. */
  set?(out: EngineOptions, value: unknown): void;
}

/** One option of the engine, from the value as it was given. */
export function to<K extends keyof EngineOptions, V = string>(
  key: K,
  convert: (value: V) => EngineOptions[K],
): EngineRule {
  return {
    keys: [key],
    set(out, value) {
      const converted = convert(value as V);
      if (converted !== undefined) out[key] = converted;
    },
  };
}

const as = (key: keyof EngineOptions | undefined): { engine?: EngineRule } =>
  key === undefined ? {} : { engine: to(key, (value: never) => value) };
/** A path, seen from where criu was started. */
export const pathTo = (key: KeysOf<string>): EngineRule => to(key, (path) => resolvePath(path));
/** It has a part in an option of the engine. */
export const partOf = (key: keyof EngineOptions): EngineRule => ({ keys: [key] });

/** `as`: the option of the engine that has the value as it was given. */
type Extra<V> = Partial<OptionRecord> & { readonly as?: KeysOf<V> };

/** An option that is refused. */
export const refused = (why: string, instead: string) =>
  ({ support: 'no', refusal: { why, instead } }) as const;

/** A group's options without saying the group each time. */
export function group(
  name: OptionGroup,
  commands: readonly Command[] | undefined,
  records: readonly OptionRecord[],
): OptionRecord[] {
  return records.map((r) => ({ ...r, group: name, ...(commands && !r.commands ? { commands } : {}) }));
}

export function record<V>(
  type: OptionType,
  name: string,
  help: string,
  { as: key, ...extra }: Extra<V> = {},
): OptionRecord {
  return { name, type, help, group: 'Common', support: 'yes', ...as(key), ...extra };
}
export const flag = (name: string, help: string, extra: Extra<boolean> = {}) =>
  record<boolean>('flag', name, help, { negatable: true, ...extra });
export const text = (name: string, value: string, help: string, extra: Extra<string> = {}) =>
  record<string>('text', name, help, { value, ...extra });
export const list = (name: string, value: string, help: string, extra: Extra<readonly string[]> = {}) =>
  record<readonly string[]>('list', name, help, { value, ...extra });
export const number = (name: string, value: string, help: string, extra: Extra<number> = {}) =>
  record<number>('number', name, help, { value, ...extra });

/** What is special about an option, in a few words. */
export function optionNotes(option: OptionRecord): string[] {
  return [
    option.support === 'no' ? 'refused' : '',
    option.support === 'accepted' ? 'always so' : '',
    option.ours ? 'not in CRIU' : '',
  ].filter(Boolean);
}
