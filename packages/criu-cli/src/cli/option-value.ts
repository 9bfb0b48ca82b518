// Values of options: what is right for each type.
import { CriuError } from '../errors.js';
import type { GivenOption } from './normalise.js';
import type { OptionRecord } from './option-record.js';

function badValue(option: OptionRecord, value: string | undefined, remedy: string): CriuError {
  return new CriuError('BAD_OPTION', `bad value for --${option.name}: ${value}`, {}, remedy);
}

/** Bytes of `10`, `4K`, `2M`, `1G`; undefined if that is none of these. */
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

/** @throws CriuError BAD_OPTION */
export function checkValue({ option, value }: GivenOption): void {
  if (option.type === 'number' && !/^\d+$/.test(value ?? ''))
    throw badValue(option, value, 'a number is needed');
  if (option.type === 'size') parseSize(option, value ?? '');
  if (value !== undefined) option.check?.(value);
  if (option.choices && value !== undefined && !option.choices.includes(value))
    throw badValue(option, value, `it is one of ${option.choices.join(', ')}`);
}
