// Values of options: what is right for each type.
import { CriuError } from '../errors.js';
import type { GivenOption } from './normalise.js';
import type { OptionRecord } from './option-table.js';

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

/** @throws CriuError BAD_OPTION */
export function checkValue({ option, value }: GivenOption): void {
  if (option.type === 'number' && !/^\d+$/.test(value ?? ''))
    throw badValue(option, value, 'a number is needed');
  if (option.type === 'size') parseSize(option, value ?? '');
  if (option.choices && value !== undefined && !option.choices.includes(value))
    throw badValue(option, value, `it is one of ${option.choices.join(', ')}`);
}
