/** A cursor over the text of a `/proc` file: reads numbers and words in place, names file and line on error. */

import { formatError, type ProcError } from './errors.js';

const NEWLINE = 0x0a;
const SPACE = 0x20;
const TAB = 0x09;
const MINUS = 0x2d;

/** Numbers with up to this many decimal digits are exact. */
const EXACT_DIGITS = 15;

export class Scan {
  readonly text: string;
  readonly file: string;
  pos = 0;

  constructor(text: string, file: string) {
    this.text = text;
    this.file = file;
  }

  get atEnd(): boolean {
    return this.pos >= this.text.length;
  }

  /** Whether the cursor is at the end of a line (or of the text). */
  get atLineEnd(): boolean {
    return this.pos >= this.text.length || this.text.charCodeAt(this.pos) === NEWLINE;
  }

  /** The error to throw when the text at the cursor is not what was expected. */
  error(what: string): ProcError {
    let line = 1;
    for (let at = this.text.indexOf('\n'); at >= 0 && at < this.pos; at = this.text.indexOf('\n', at + 1)) {
      line++;
    }
    return formatError(this.file, line, what);
  }

  /** Steps over blanks and tabs. */
  blanks(): void {
    for (;;) {
      const c = this.text.charCodeAt(this.pos);
      if (c !== SPACE && c !== TAB) return;
      this.pos++;
    }
  }

  /** Steps over `literal`, which has to be there. */
  expect(literal: string): void {
    if (!this.text.startsWith(literal, this.pos)) throw this.error(`expected ${JSON.stringify(literal)}`);
    this.pos += literal.length;
  }

  /** Steps over `literal` if it is there. */
  skip(literal: string): boolean {
    if (!this.text.startsWith(literal, this.pos)) return false;
    this.pos += literal.length;
    return true;
  }

  /** Reads an unsigned decimal number that has to be exact in a number. */
  dec(): number {
    const { text } = this;
    const from = this.pos;
    let value = 0;
    let digit = text.charCodeAt(this.pos) - 48;
    while (digit >= 0 && digit <= 9) {
      value = value * 10 + digit;
      digit = text.charCodeAt(++this.pos) - 48;
    }
    if (this.pos === from) throw this.error('expected a decimal number');
    if (value > Number.MAX_SAFE_INTEGER) {
      this.pos = from;
      throw this.error('number out of range');
    }
    return value;
  }

  /** Reads a decimal number that may be negative. */
  int(): number {
    if (this.text.charCodeAt(this.pos) !== MINUS) return this.dec();
    this.pos++;
    const value = this.dec();
    return value === 0 ? 0 : -value;
  }

  /** Reads a decimal number of up to 64 bits, which may be negative. */
  big(): bigint {
    const from = this.pos;
    if (this.text.charCodeAt(from) === MINUS) this.pos++;
    const first = this.pos;
    let digit = this.text.charCodeAt(this.pos) - 48;
    let value = 0;
    while (digit >= 0 && digit <= 9) {
      value = value * 10 + digit;
      digit = this.text.charCodeAt(++this.pos) - 48;
    }
    const digits = this.pos - first;
    if (digits === 0) throw this.error('expected a decimal number');
    if (digits > 20) throw this.error('number out of range');
    if (digits > EXACT_DIGITS) return BigInt(this.text.slice(from, this.pos));
    return BigInt(first === from ? value : -value);
  }

  /** Reads a hexadecimal number, without 0x, that has to be exact in a number. */
  hex(): number {
    const value = this.hexDigits();
    if (value > Number.MAX_SAFE_INTEGER) throw this.error('number out of range');
    return value;
  }

  /** Reads a hexadecimal number of up to 64 bits, without 0x. */
  hexBig(): bigint {
    const from = this.pos;
    const value = this.hexDigits();
    if (this.pos - from > 16) throw this.error('number out of range');
    if (value <= Number.MAX_SAFE_INTEGER) return BigInt(value);
    return BigInt(`0x${this.text.slice(from, this.pos)}`);
  }

  /**
   * Reads a hexadecimal multiple of the page size of up to 64 bits. Its low twelve bits are zero, so it has at most 52
   * significant ones and a number holds it exactly.
   */
  hexPage(): number {
    const from = this.pos;
    const value = this.hexDigits();
    const size = this.pos - from;
    // With up to 13 digits the value is exact; with more, the digits themselves have to be looked at.
    const aligned = size <= 13 ? value % 4096 === 0 : this.text.startsWith('000', this.pos - 3);
    if (size > 16 || !aligned) {
      this.pos = from;
      throw this.error('expected a page-aligned 64-bit number');
    }
    return value;
  }

  private hexDigits(): number {
    const { text } = this;
    const from = this.pos;
    let value = 0;
    for (;;) {
      const c = text.charCodeAt(this.pos);
      if (c >= 48 && c <= 57) value = value * 16 + (c - 48);
      else if (c >= 97 && c <= 102) value = value * 16 + (c - 87);
      else break;
      this.pos++;
    }
    if (this.pos === from) throw this.error('expected a hexadecimal number');
    return value;
  }

  /** Reads an octal number. */
  octal(): number {
    const from = this.pos;
    let value = 0;
    let digit = this.text.charCodeAt(this.pos) - 48;
    while (digit >= 0 && digit <= 7) {
      value = value * 8 + digit;
      digit = this.text.charCodeAt(++this.pos) - 48;
    }
    if (this.pos === from) throw this.error('expected an octal number');
    if (value > Number.MAX_SAFE_INTEGER) throw this.error('number out of range');
    return value;
  }

  /** Reads up to the next blank, tab or newline; may be empty. */
  word(): string {
    const from = this.pos;
    for (; this.pos < this.text.length; this.pos++) {
      const c = this.text.charCodeAt(this.pos);
      if (c === SPACE || c === TAB || c === NEWLINE) break;
    }
    return this.text.slice(from, this.pos);
  }

  /** Reads the rest of the line and steps over its newline. */
  rest(): string {
    const from = this.pos;
    const end = this.lineEnd();
    this.pos = end + 1;
    return this.text.slice(from, end);
  }

  /** Steps to the start of the next line. */
  nextLine(): void {
    this.pos = this.lineEnd() + 1;
  }

  /** Steps over the newline that has to be here, after blanks. */
  endLine(): void {
    this.blanks();
    if (!this.atLineEnd) throw this.error('expected the end of the line');
    this.pos++;
  }

  private lineEnd(): number {
    const end = this.text.indexOf('\n', this.pos);
    return end < 0 ? this.text.length : end;
  }
}
