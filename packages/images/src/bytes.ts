// Strings in images are names of any bytes. A byte that is not part of valid UTF-8 becomes the lone surrogate U+DC00 +
// byte (U+DC80 … U+DCFF), which decoded UTF-8 never contains, so that decoding and encoding restore every name.
import { isUtf8 } from 'node:buffer';

/** A byte 0x80 … 0xff that is not valid UTF-8 becomes this value plus the byte. */
const ESCAPE = 0xdc00;
/** The `u` flag makes a surrogate pair one character, so that only lone surrogates match. */
const LONE = /[\ud800-\udfff]/gu;
const ODD = /[\udc80-\udcff]/u;

/** Length in bytes of the valid UTF-8 sequence at `pos`, or 0 (Unicode standard, table 3-7). */
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

/** The string for the bytes of a name; {@link encodeName} is the inverse. */
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

/** The bytes of a string; undefined if it has a lone surrogate that is no escaped byte. */
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

/** The bytes of a name. A lone surrogate that is no escaped byte becomes U+FFFD. */
export function encodeName(name: string): Buffer {
  return (ODD.test(name) ? bytesOf(name) : undefined) ?? Buffer.from(name);
}

/** A path as an argument for `node:fs`: a Buffer if it is not valid UTF-8. */
export function pathArg(path: string): string | Buffer {
  return ODD.test(path) ? encodeName(path) : path;
}

/** A text for display: bytes that are not UTF-8 become `\xNN`. */
export function showOdd(text: string): string {
  return text.replace(LONE, shown);
}

function shown(char: string): string {
  const code = char.charCodeAt(0);
  const isByte = code >= (ESCAPE | 0x80) && code <= (ESCAPE | 0xff);
  return isByte ? `\\x${(code & 0xff).toString(16)}` : `\\u${code.toString(16)}`;
}
