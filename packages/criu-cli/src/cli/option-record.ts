// The record of an option. Command line, configuration files, RPC requests, engine options, help texts and docs/cli.md
// are all derived from it.

import type { CriuOpts } from '@criu/images';
import { resolvePath } from '@criu/native/fs';
import type { DumpOptions, RestoreOptions } from '../options.js';
import type { Command } from './commands.js';

export type OptionType =
  /** On or off; `--no-NAME` if negatable. */
  | 'flag'
  | 'text'
  /** Text that may be given several times. */
  | 'list'
  | 'number'
  /** Bytes, with an optional suffix K, M or G. */
  | 'size'
  /** Text that may be left out; a value must be given as `--name=value`. */
  | 'optional'
  /** `-v`, `-vv`, `-v4`, `--verbosity=4`. */
  | 'verbosity';

export type OptionSupport =
  /** Supported. */
  | 'yes'
  /** Accepted for compatibility; it has no effect, since its behaviour is the only one, or does not apply here. */
  | 'accepted'
  /** Refused, with the reason in `refusal`: ignoring it would not do what was asked for. */
  | 'no';

/** Why an option is refused. */
export interface Refusal {
  /** Ends the sentence "the option … is refused: ". */
  readonly why: string;
  /** What the user can do instead. */
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
  /** Throws a CriuError for an invalid value. */
  readonly check?: (value: string) => unknown;
  /** Name of the opposite flag: the later one of both counts. */
  readonly rival?: string;
  /** Commands for which it has a meaning; all if undefined. Like CRIU, we accept every option with every command. */
  readonly commands?: readonly Command[];
  readonly group: OptionGroup;
  readonly support: OptionSupport;
  readonly refusal?: Refusal;
  /** Not in CRIU 4.2. */
  readonly ours?: boolean;
  readonly help: string;
  /** How it becomes an option of dump() or restore(); undefined if a command handles it, or it has no effect. */
  readonly engine?: EngineRule;
  /** The field of an RPC request (criu_opts) with the same meaning and type. */
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

/** The options of dump() and restore() together. */
export type EngineOptions = {
  -readonly [K in keyof DumpOptions | keyof RestoreOptions]?: (DumpOptions & RestoreOptions)[K];
};

/** Names of engine options that accept a value of type V. */
type KeysOf<V> = {
  [K in keyof EngineOptions]-?: V extends NonNullable<EngineOptions[K]> ? K : never;
}[keyof EngineOptions];

export interface EngineRule {
  /** The engine options that it sets or contributes to. */
  readonly keys: readonly (keyof EngineOptions)[];
  /** Undefined if several options make one engine option together; engine-options.ts does that. */
  set?(out: EngineOptions, value: unknown): void;
}

/** Sets one engine option from the given value. */
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
/** A path, relative to the directory in which criu was started. */
export const pathTo = (key: KeysOf<string>): EngineRule => to(key, (path) => resolvePath(path));
/** The option contributes to an engine option that is combined from several. */
export const partOf = (key: keyof EngineOptions): EngineRule => ({ keys: [key] });

/** `as`: the engine option that gets the value unchanged. */
type Extra<V> = Partial<OptionRecord> & { readonly as?: KeysOf<V> };

/** A refused option. */
export const refused = (why: string, instead: string) =>
  ({ support: 'no', refusal: { why, instead } }) as const;

/** Options of one group. */
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

/** Remarks about an option in a few words. */
export function optionNotes(option: OptionRecord): string[] {
  return [
    option.support === 'no' ? 'refused' : '',
    option.support === 'accepted' ? 'always so' : '',
    option.ours ? 'not in CRIU' : '',
  ].filter(Boolean);
}
