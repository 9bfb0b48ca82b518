// File names are any bytes but NUL; here they are strings. A byte that is not part of valid UTF-8 becomes the lone
// surrogate U+DC00 + byte (U+DC80 … U+DCFF), which decoded UTF-8 never contains, so that decoding and encoding restore
// every name.
import { isUtf8 } from 'node:buffer';

/** A byte 0x80 … 0xff that is not valid UTF-8 becomes this value plus the byte. */
const ESCAPE = 0xdc00;
/** The `u` flag makes a surrogate pair one character, so that only lone surrogates match. */
const ODD = /[\udc80-\udcff]/u;
const BEYOND_ASCII = /[\x80-\xff]/;
const LONE = /[\ud800-\udfff]/gu;
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
const CONTROL = /[\x00-\x1f\x7f-\x9f]/g;
// biome-ignore lint/suspicious/noControlCharactersInRegex: all but tab and newline
const CONTROL_IN_TEXT = /[\x00-\x08\x0b-\x1f\x7f-\x9f]/g;

/** Length in bytes of the valid UTF-8 sequence at `at`, or 0 (Unicode standard, table 3-7). */
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

/** The string for the bytes of a name; {@link encodeName} is the inverse. */
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

/** As {@link decodeName}, for bytes in a latin1 string, which is fast for ASCII. */
export function decodeLatin1(raw: string): string {
  return BEYOND_ASCII.test(raw) ? decodeName(Buffer.from(raw, 'latin1')) : raw;
}

/** As {@link decodeName}, for the bytes before the first NUL. */
export function decodeCString(bytes: Uint8Array): string {
  const end = bytes.indexOf(0);
  return decodeName(end < 0 ? bytes : bytes.subarray(0, end));
}

/** The bytes of a name for the kernel. A lone surrogate that is no escaped byte becomes U+FFFD. */
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

/** Whether a name has bytes that are not valid UTF-8, which only {@link encodeName} encodes correctly. */
export function isOddName(name: string): boolean {
  return ODD.test(name);
}

/** A path as an argument for `node:fs` and the addon: a Buffer if it is not valid UTF-8. */
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

/** A name for display on one line: bytes that are not UTF-8 and control characters become `\xNN`. */
export function showName(name: string): string {
  return showOdd(name.replace(CONTROL, hex));
}

/** A text for display that may contain names: as {@link showName}, but tabs and newlines stay. */
export function printable(text: string): string {
  return showOdd(text.replace(CONTROL_IN_TEXT, hex));
}

/** The text with bytes that are not UTF-8 as `\xNN`; everything else stays. */
export function showOdd(text: string): string {
  return text.replace(LONE, hex);
}
