// Formats of binfmt_misc: the file of each in the file system, and the line by which one is registered.
import type { BinfmtMiscEntry, Encodable } from '@criu/images';
import { CriuError } from '../../../../errors.js';

/** Files of the file system that are no formats. */
export const CONTROLS: readonly string[] = ['register', 'status'];

/** What the file of a format says. @throws CriuError UNSUPPORTED for a line that is not known */
export function parseFormat(name: string, text: string, file: string): Encodable<BinfmtMiscEntry> {
  const values: Record<string, string> = {};
  let enabled = false;
  for (const line of text.split('\n').filter((one) => one !== '')) {
    const [, key, value = ''] =
      /^(enabled|disabled|interpreter|flags:|extension|offset|magic|mask)(?: (.*))?$/.exec(line) ?? [];
    if (key === undefined)
      throw new CriuError(
        'UNSUPPORTED',
        `the format ${name} of binfmt_misc has a line that is not known: ${line}`,
        {
          file,
        },
      );
    if (key === 'enabled') enabled = true;
    else values[key] = value;
  }
  const { interpreter = '', extension, magic, mask, offset, 'flags:': flags } = values;
  return {
    name,
    enabled,
    interpreter,
    ...(flags ? { flags } : {}),
    ...(extension === undefined ? {} : { extension: extension.replace(/^\./, '') }),
    ...(magic === undefined ? {} : { magic }),
    ...(mask === undefined ? {} : { mask }),
    ...(offset === undefined ? {} : { offset: Number(offset) }),
  };
}

/** Bytes that are told in hexadecimal digits, as the line has them. */
const bytes = (digits: string) => digits.replace(/../g, '\\x$&');

/** The line for the file `register`. @throws CriuError BAD_IMAGE */
export function registration(format: BinfmtMiscEntry, file: string): string {
  const { name, interpreter, flags = '', extension, magic, mask = '', offset = 0 } = format;
  const bad = (why: string) =>
    new CriuError('BAD_IMAGE', `a format of binfmt_misc ${why}`, { file, entry: name });
  if (name === '' || name === '.' || name === '..' || name.includes('/') || CONTROLS.includes(name))
    throw bad('has a name that no file can have');
  if (magic === undefined && extension === undefined)
    throw bad('is known neither by bytes nor by an extension');
  if (!/^([0-9a-f]{2})*$/i.test(`${magic ?? ''}${mask}`)) throw bad('has bytes that are none');
  const [type, at, known, masked] =
    magic === undefined ? ['E', '', extension, ''] : ['M', `${offset}`, bytes(magic), bytes(mask)];
  const fields = [name, type, at, known, masked, interpreter, flags].join('\0');
  const delimiter = [...':|,;!%+=~^#@&'].find((one) => !fields.includes(one));
  if (delimiter === undefined) throw bad('cannot be written in a line');
  return `${delimiter}${fields.replaceAll('\0', delimiter)}`;
}
