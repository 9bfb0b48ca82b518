// Text in the form of Python, since tests compare crit's output byte by byte: JSON strings, lines of base64,
// quoted-printable.
import { Buffer } from 'node:buffer';

const SHORT: Record<string, string> = {
  '"': '\\"',
  '\\': '\\\\',
  '\n': '\\n',
  '\r': '\\r',
  '\t': '\\t',
  '\b': '\\b',
  '\f': '\\f',
};

/** A JSON string in pure ASCII. */
export function jsonString(text: string): string {
  if (/^[ !#-[\]-~]*$/.test(text)) return `"${text}"`;
  const escaped = text.replace(
    /[^ !#-[\]-~]/g,
    (unit) => SHORT[unit] ?? `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
  return `"${escaped}"`;
}

/** Bytes in one line of base64: 57 become 76 characters. */
export const BASE64_LINE = 57;

/** Base64 in lines that each end with an escaped newline, for use inside of a JSON string. */
export function base64Lines(bytes: Buffer): string {
  if (bytes.length <= BASE64_LINE) return bytes.length === 0 ? '' : `${bytes.toString('base64')}\\n`;
  return bytes.toString('base64').replace(/.{1,76}/g, '$&\\n');
}

const QP_LINE = 76;

/** Quoted-printable as by Python's binascii in text mode. */
export function quotedPrintable(bytes: Uint8Array): string {
  const newline = bytes.indexOf(10);
  const end = newline > 0 && bytes[newline - 1] === 13 ? '\r\n' : '\n';
  let out = '';
  let column = 0;
  for (let at = 0; at < bytes.length; ) {
    const byte = bytes[at] ?? 0;
    const next = bytes[at + 1];
    if (byte === 10 || (byte === 13 && next === 10)) {
      const last = out.at(-1);
      if (last === ' ' || last === '\t') out = out.slice(0, -1) + escapeByte(last.charCodeAt(0));
      out += end;
      at += byte === 13 ? 2 : 1;
      column = 0;
      continue;
    }
    if (mustQuote(byte, next, column)) {
      if (column + 3 >= QP_LINE) {
        out += `=${end}`;
        column = 0;
      }
      out += escapeByte(byte);
      column += 3;
    } else {
      if (next !== undefined && next !== 10 && column + 1 >= QP_LINE) {
        out += `=${end}`;
        column = 0;
      }
      out += String.fromCharCode(byte);
      column++;
    }
    at++;
  }
  return out;
}

function mustQuote(byte: number, next: number | undefined, column: number): boolean {
  if (byte > 126 || byte === 0x3d) return true;
  if (byte === 0x2e) return column === 0 && (next === undefined || next === 10 || next === 13 || next === 0);
  if (byte === 9 || byte === 32) return next === undefined;
  return byte < 33 && byte !== 13 && byte !== 10;
}

function escapeByte(byte: number): string {
  return `=${byte.toString(16).toUpperCase().padStart(2, '0')}`;
}

/** The inverse of {@link quotedPrintable}, as lenient as Python. */
export function fromQuotedPrintable(text: string): Buffer {
  const source = Buffer.from(text, 'utf8');
  const out: number[] = [];
  let at = 0;
  while (at < source.length) {
    const byte = source[at++] ?? 0;
    if (byte !== 0x3d) {
      out.push(byte);
      continue;
    }
    if (at >= source.length) break;
    const next = source[at] ?? 0;
    const pair = source.toString('latin1', at, at + 2);
    if (next === 10 || next === 13) {
      while (at < source.length && source[at] !== 10) at++;
      at++;
    } else if (next === 0x3d) {
      out.push(0x3d);
      at++;
    } else if (/^[0-9a-fA-F]{2}$/.test(pair)) {
      out.push(Number.parseInt(pair, 16));
      at += 2;
    } else {
      out.push(0x3d);
    }
  }
  return Buffer.from(out);
}

/** "1.5KB": the size of omitted bytes in the form of crit. */
export function humanSize(bytes: number): string {
  let size = bytes;
  for (const unit of ['', 'K', 'M', 'G', 'T', 'P', 'E', 'Z']) {
    if (size < 1024) return `${Number.isInteger(size) ? size : size.toFixed(1)}${unit}B`;
    size /= 1024;
  }
  return `${size.toFixed(1)}YB`;
}
