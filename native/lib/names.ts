// Names as the kernel has them: any bytes but NUL, in strings. A byte that is no part of valid UTF-8 stands as the lone
// surrogate U+DC00 + byte (so U+DC80 … U+DCFF, which valid text never has), and every name survives the way there and back.
import { isUtf8 } from 'node:buffer';

/** A byte 0x80 … 0xff that is no UTF-8 is this plus the byte. */
const ESCAPE = 0xdc00;
/** With `u`, the halves of a pair are one character, so that only lone ones match. */
const ODD = /[\udc80-\udcff]/u;
const BEYOND_ASCII = /[\x80-\xff]/;
const LONE = /[\ud800-\udfff]/gu;
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
const CONTROL = /[\x00-\x1f\x7f-\x9f]/g;
// biome-ignore lint/suspicious/noControlCharactersInRegex: all but tab and newline
const CONTROL_IN_TEXT = /[\x00-\x08\x0b-\x1f\x7f-\x9f]/g;

/** Length of the valid UTF-8 sequence at `at`, 0 if there is none (Unicode standard, table 3-7). */
function sequenceLength(bytes: Uint8Array, at: number): number {
  const first = bytes[at] ?? 0;
  if (first < 0x80) return 1;
  if (first < 0xc2 || first > 0xf4) return 0;
  const length = first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4;
  const low = first === 0xe0 ? 0xa0 : first === 0xf0 ? 0x90 : 0x80;
  const high = first === 0xed ? 0x9f : first === 0xf4 ? 0x8f : 0xbf;
  for (let i = 1; i < length; i++) {
    const byte = bytes[at + i] ?? 0;
    if (byte < (i === 1 ? low : 0x80) || byte > (i === 1 ? high : 0xbf)) return 0;
  }
  return length;
}

/** The string that stands for bytes; {@link encodeName} has them back. */
export function decodeName(bytes: Uint8Array): string {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (isUtf8(buffer)) return buffer.toString('utf8');
  let out = '';
  let from = 0;
  for (let at = 0; at < buffer.length; ) {
    const length = sequenceLength(buffer, at);
    if (length === 0) {
      out += buffer.toString('utf8', from, at) + String.fromCharCode(ESCAPE + buffer.readUInt8(at));
      from = at + 1;
    }
    at += length || 1;
  }
  return out + buffer.toString('utf8', from);
}

/** As {@link decodeName}, of bytes that came as a string of one character each (latin1), which is quick for ASCII. */
export function decodeLatin1(raw: string): string {
  return BEYOND_ASCII.test(raw) ? decodeName(Buffer.from(raw, 'latin1')) : raw;
}

/** As {@link decodeName}, of what stands before the first NUL. */
export function decodeCString(bytes: Uint8Array): string {
  const end = bytes.indexOf(0);
  return decodeName(end < 0 ? bytes : bytes.subarray(0, end));
}

/** The bytes that a string stands for, to hand to the kernel. A lone surrogate that stands for no byte becomes U+FFFD. */
export function encodeName(name: string): Buffer {
  if (!ODD.test(name)) return Buffer.from(name);
  const parts: Buffer[] = [];
  let from = 0;
  for (const { 0: char, index } of name.matchAll(LONE)) {
    const code = char.charCodeAt(0);
    if (code < ESCAPE + 0x80 || code > ESCAPE + 0xff) continue;
    parts.push(Buffer.from(name.slice(from, index)), Buffer.of(code - ESCAPE));
    from = index + 1;
  }
  parts.push(Buffer.from(name.slice(from)));
  return Buffer.concat(parts);
}

/** Whether a string has bytes that are no UTF-8: only {@link encodeName} may make bytes of it. */
export function isOddName(name: string): boolean {
  return ODD.test(name);
}

/** A path as `node:fs` and the addon take it: bytes where the string alone would lose some. */
export function pathArg(path: string): string | Buffer {
  return ODD.test(path) ? encodeName(path) : path;
}

const hex = (char: string): string => {
  const code = char.charCodeAt(0);
  if (code >= ESCAPE + 0x80 && code <= ESCAPE + 0xff) return `\\x${(code - ESCAPE).toString(16)}`;
  return code < 0x80
    ? `\\x${code.toString(16).padStart(2, '0')}`
    : `\\u${code.toString(16).padStart(4, '0')}`;
};

/** A name for people, on one line: bytes that are no UTF-8 and control characters as `\xNN`. */
export function showName(name: string): string {
  return showOdd(name.replace(CONTROL, hex));
}

/** A text for people that may have names in it: as {@link showName}, but lines stay lines. */
export function printable(text: string): string {
  return showOdd(text.replace(CONTROL_IN_TEXT, hex));
}

/** A text in which bytes that are no UTF-8 are shown as `\xNN`, and nothing else is changed. */
export function showOdd(text: string): string {
  return text.replace(LONE, hex);
}
