// Strings of images are names of any bytes: a byte that is no part of valid UTF-8 stands in a string as the lone surrogate
// U+DC00 + byte (so U+DC80 … U+DCFF, which valid text never has), and every name survives decoding and encoding.
import { isUtf8 } from 'node:buffer';

/** A byte 0x80 … 0xff that is no UTF-8 is this plus the byte. */
const ESCAPE = 0xdc00;
/** With `u`, the halves of a pair are one character, so that only lone ones match. */
const LONE = /[\ud800-\udfff]/gu;
const ODD = /[\udc80-\udcff]/u;

/** Length of the valid UTF-8 sequence at `pos`, 0 if there is none (Unicode standard, table 3-7). */
function sequenceLength(bytes: Uint8Array, pos: number): number {
  const first = bytes[pos] ?? 0;
  if (first < 0x80) return 1;
  const second = bytes[pos + 1] ?? 0;
  const tail = (at: number): boolean => ((bytes[pos + at] ?? 0) & 0xc0) === 0x80;
  if (first >= 0xc2 && first <= 0xdf) return tail(1) ? 2 : 0;
  if (first >= 0xe0 && first <= 0xef) {
    const low = first === 0xe0 ? 0xa0 : 0x80;
    const high = first === 0xed ? 0x9f : 0xbf;
    return second >= low && second <= high && tail(2) ? 3 : 0;
  }
  if (first >= 0xf0 && first <= 0xf4) {
    const low = first === 0xf0 ? 0x90 : 0x80;
    const high = first === 0xf4 ? 0x8f : 0xbf;
    return second >= low && second <= high && tail(2) && tail(3) ? 4 : 0;
  }
  return 0;
}

/** The string that stands for bytes; {@link encodeName} has them back. */
export function decodeName(bytes: Uint8Array): string {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (isUtf8(buffer)) return buffer.toString('utf8');
  let out = '';
  let from = 0;
  for (let pos = 0; pos < buffer.length; ) {
    const length = sequenceLength(buffer, pos);
    if (length === 0) {
      out += buffer.toString('utf8', from, pos) + String.fromCharCode(ESCAPE | buffer.readUInt8(pos));
      from = pos + 1;
    }
    pos += length || 1;
  }
  return out + buffer.toString('utf8', from);
}

/** The bytes that a string stands for; undefined if it has a lone surrogate that stands for none. */
export function bytesOf(text: string): Buffer | undefined {
  const pieces: Buffer[] = [];
  let from = 0;
  for (const { 0: char, index } of text.matchAll(LONE)) {
    const code = char.charCodeAt(0);
    if (code < (ESCAPE | 0x80) || code > (ESCAPE | 0xff)) return undefined;
    pieces.push(Buffer.from(text.slice(from, index)), Buffer.of(code & 0xff));
    from = index + 1;
  }
  pieces.push(Buffer.from(text.slice(from)));
  return Buffer.concat(pieces);
}

/** The bytes that a name stands for. A lone surrogate that stands for none becomes U+FFFD. */
export function encodeName(name: string): Buffer {
  return (ODD.test(name) ? bytesOf(name) : undefined) ?? Buffer.from(name);
}

/** A path as node:fs takes it: bytes where the string alone would lose some. */
export function pathArg(path: string): string | Buffer {
  return ODD.test(path) ? encodeName(path) : path;
}

/** A text for people: bytes of names in it that are no UTF-8 as `\xNN`. */
export function showOdd(text: string): string {
  return text.replace(LONE, shown);
}

function shown(char: string): string {
  const code = char.charCodeAt(0);
  const isByte = code >= (ESCAPE | 0x80) && code <= (ESCAPE | 0xff);
  return isByte ? `\\x${(code & 0xff).toString(16)}` : `\\u${code.toString(16)}`;
}
