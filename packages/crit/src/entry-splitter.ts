// Splits crit's JSON into entries while it is read, so that images of any size can be encoded.
import type { Buffer } from 'node:buffer';
import { ImageError } from '@criu/images';
import { joined } from './io.js';

const QUOTE = 0x22;
const COMMA = 0x2c;
const BACKSLASH = 0x5c;
const OPEN = 0x7b;
/** A double represents every integer of 15 digits exactly. */
const LONG = 16;

const isSpace = (byte: number): boolean => byte === 0x20 || byte === 0x0a || byte === 0x0d || byte === 0x09;

/** Receives the pieces in the order of the text. */
export interface SplitterSink {
  magic(name: string): void;
  /** `long`: the text may have numbers beyond the precision of a double. */
  entry(text: string, long: boolean): void;
  /**
   * May process the entry that begins at `pos` itself: returns the position behind the entry, or -1 to receive it as
   * text.
   */
  direct?(chunk: Buffer, pos: number): number;
}

type State = 'start' | 'key' | 'colon' | 'value' | 'comma' | 'list' | 'done';

/** Parses the outer object and its list of entries. JSON.parse parses the entries themselves. */
export class EntrySplitter {
  private state: State = 'start';
  private key = '';
  private inEntries = false;
  /** The last token was a comma, so another member must follow. */
  private afterComma = false;
  private depth = 0;
  private inString = false;
  private escaped = false;
  /**
   * Number of consecutive digits up to here, and whether a number in the value may exceed the precision of a double.
   */
  private digits = 0;
  private long = false;
  /** The pieces of the current value. */
  private pieces: Buffer[] = [];
  private offset = 0;

  constructor(private readonly sink: SplitterSink) {}

  push(chunk: Buffer): void {
    let from = this.reading ? 0 : -1;
    let pos = 0;
    while (pos < chunk.length) {
      if (from >= 0) {
        const end = this.scan(chunk, pos);
        if (end < 0) break;
        this.pieces.push(chunk.subarray(from, end));
        from = -1;
        pos = end;
        this.finish();
        continue;
      }
      const byte = chunk[pos] ?? 0;
      if (isSpace(byte)) {
        pos++;
        continue;
      }
      // The common case: an entry and a comma.
      if (byte === OPEN && this.state === 'list') {
        this.afterComma = false;
        const end = this.sink.direct?.(chunk, pos) ?? -1;
        if (end < 0) from = pos;
        else {
          pos = end;
          this.state = 'comma';
        }
      } else if (byte === COMMA && this.state === 'comma' && this.inEntries) {
        this.afterComma = true;
        this.state = 'list';
        pos++;
      } else if (this.punctuation(byte, this.offset + pos)) pos++;
      else from = pos;
    }
    if (from >= 0) this.pieces.push(chunk.subarray(from));
    this.offset += chunk.length;
  }

  end(): void {
    if (this.state !== 'done') throw new ImageError('bad-value', 'the JSON ends too early', '', this.offset);
  }

  private get reading(): boolean {
    return this.pieces.length > 0;
  }

  /** Processes a byte between values. Returns false if a value begins at it. */
  private punctuation(byte: number, at: number): boolean {
    const char = String.fromCharCode(byte);
    const { state } = this;
    if (state === 'start' && char === '{') this.state = 'key';
    else if (state === 'colon' && char === ':') this.state = 'value';
    else if (state === 'value' && this.key === 'entries' && char === '[') {
      this.state = 'list';
      this.inEntries = true;
    } else if (state === 'comma' && char === ',') {
      this.state = 'key';
      this.afterComma = true;
    } else if (this.inEntries && char === ']' && !this.afterComma) {
      this.inEntries = false;
      this.state = 'comma';
    } else if (
      (state === 'comma' || state === 'key') &&
      char === '}' &&
      !this.inEntries &&
      !this.afterComma
    ) {
      this.state = 'done';
    } else if ((state === 'key' && byte === QUOTE) || state === 'value') {
      this.afterComma = false;
      return false;
    } else {
      throw new ImageError('bad-value', `the JSON has ${JSON.stringify(char)} where it can not be`, '', at);
    }
    return true;
  }

  /** Searches the end of the current value. Returns the position behind it, or -1. */
  private scan(chunk: Buffer, start: number): number {
    for (let pos = start; pos < chunk.length; pos++) {
      const byte = chunk[pos] ?? 0;
      if (this.inString) {
        if (this.escaped) this.escaped = false;
        else if (byte === BACKSLASH) this.escaped = true;
        else if (byte === QUOTE) {
          this.inString = false;
          if (this.depth === 0) return pos + 1;
        }
      } else if (byte >= 0x30 && byte <= 0x39) {
        if (++this.digits === LONG) this.long = true;
        continue;
      } else if (byte === QUOTE) this.inString = true;
      else if (byte === 0x7b || byte === 0x5b) this.depth++;
      else if (byte === 0x7d || byte === 0x5d) {
        if (this.depth === 0) return pos;
        if (--this.depth === 0) return pos + 1;
      } else if (this.depth === 0 && (byte === 0x2c || isSpace(byte))) return pos;
      this.digits = 0;
    }
    return -1;
  }

  private finish(): void {
    const text = joined(this.pieces).toString('utf8');
    const { long } = this;
    this.pieces = [];
    this.digits = 0;
    this.long = false;
    if (this.state === 'key') {
      this.key = String(parseJson(text));
      this.state = 'colon';
      return;
    }
    if (this.state === 'list') this.sink.entry(text, long);
    else if (this.key === 'magic') this.sink.magic(String(parseJson(text)));
    else if (this.key === 'entries') throw new ImageError('bad-value', '"entries" must be a list');
    this.state = 'comma';
  }
}

/** JSON.parse that returns large integers exactly, as texts. */
export function parseJson(text: string, long = true): unknown {
  const exact = long
    ? text.replace(/"(?:[^"\\]|\\.)*"|-?\d{16,}(?![\d.eE])/g, (token) =>
        token[0] === '"' ? token : `"${token}"`,
      )
    : text;
  try {
    return JSON.parse(exact);
  } catch (error) {
    throw new ImageError('bad-value', `not JSON: ${(error as Error).message}`, '', 0, { cause: error });
  }
}
