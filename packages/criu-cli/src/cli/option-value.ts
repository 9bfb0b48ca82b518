// Checks and parses values of options by type.
import { CriuError } from '../errors.js';
import type { GivenOption } from './normalise.js';
import type { OptionRecord } from './option-record.js';

function badValue(option: Pick<OptionRecord, 'name'>, value: string | undefined, remedy: string): CriuError {
  return new CriuError('BAD_OPTION', `bad value for --${option.name}: ${value}`, {}, remedy);
}

/** The number of bytes in `10`, `4K`, `2M`, `1G`; undefined for other text. */
export function bytesOf(text: string): number | undefined {
  const [, digits = '', suffix = ''] = /^(\d+)([KMG]?)$/.exec(text) ?? [];
  const bytes = digits === '' ? Number.NaN : Number(digits) * 1024 ** ' KMG'.indexOf(suffix || ' ');
  return Number.isSafeInteger(bytes) ? bytes : undefined;
}

/** @throws CriuError BAD_OPTION */
export function parseSize(option: OptionRecord, text: string): number {
  const bytes = bytesOf(text);
  if (bytes === undefined) throw badValue(option, text, 'bytes are needed, or a number with K, M or G');
  return bytes;
}

/** Splits a value at the first `between`. @throws CriuError BAD_OPTION */
export function pairOf(name: string, value: string, between: string): [string, string] {
  const at = value.indexOf(between);
  if (at < 0) throw badValue({ name }, value, `it needs a ${between}`);
  return [value.slice(0, at), value.slice(at + 1)];
}

/** Inode numbers of sockets, separated by commas. @throws CriuError BAD_OPTION */
export function inodesOf(value: string): number[] {
  const words = value.split(',').filter(Boolean);
  const wrong = words.find((word) => !/^\d+$/.test(word));
  if (wrong !== undefined)
    throw badValue({ name: 'ext-unix-sk' }, wrong, 'it takes inodes of sockets, with commas between them');
  return words.map(Number);
}

/** A check for numbers that must not be 0. */
export const positive = (name: string, what: string) => (value: string) => {
  if (/^0+$/.test(value)) throw badValue({ name }, value, `it is ${what}, which is never 0`);
};

/** A check for absolute paths of folders in the tasks' view. */
export const plainFolder = (name: string) => (value: string) => {
  if (!value.startsWith('/'))
    throw badValue({ name }, value, 'it is the path of a folder from the root of the tasks');
};

/** @throws CriuError BAD_OPTION */
export function checkValue({ option, value }: GivenOption): void {
  if (option.type === 'number' && !/^\d+$/.test(value ?? ''))
    throw badValue(option, value, 'a number is needed');
  if (option.type === 'size') parseSize(option, value ?? '');
  if (value !== undefined) option.check?.(value);
  if (option.choices && value !== undefined && !option.choices.includes(value))
    throw badValue(option, value, `it is one of ${option.choices.join(', ')}`);
}
