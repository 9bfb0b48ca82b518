// Encodes messages from JSON in its simplest form, which `decode` prints without `--pretty`, directly from the bytes of
// the text. All other input, also with errors, is left to JSON.parse and MessageJson.
import { Buffer } from 'node:buffer';
import { describeEnum, describeMessage, type FieldType, type MessageName, type Writer } from '@criu/images';

const SPACE = 0x20;
const QUOTE = 0x22;
const COMMA = 0x2c;
const MINUS = 0x2d;
const ZERO = 0x30;
const COLON = 0x3a;
const OPEN_LIST = 0x5b;
const BACKSLASH = 0x5c;
const CLOSE_LIST = 0x5d;
const OPEN = 0x7b;
const CLOSE = 0x7d;
/** A double represents every integer of 15 digits exactly. */
const MOST_DIGITS = 15;
/** Messages are not nested as deeply. Deeper input is left to MessageJson. */
const DEEPEST = 32;

interface Field {
  /** The key with its quotes. */
  readonly key: Buffer;
  readonly name: string;
  readonly required: boolean;
  readonly repeated: boolean;
  readonly type: FieldType;
  readonly tag: number;
  /** Type of a message field. */
  readonly of: MessageName;
  /** For an enum: its numbers by name. */
  readonly values: ReadonlyMap<string, number> | undefined;
}

const WIRE: Partial<Record<FieldType, number>> = { fixed64: 1, string: 2, bytes: 2, message: 2 };

export class PlainJson {
  private readonly plans = new Map<MessageName, readonly Field[]>();
  private text: Buffer = Buffer.alloc(0);
  private pos = 0;
  private depth = 0;

  /**
   * Encodes the message whose object begins at `pos`.
   * @returns the position behind the object, or -1 if it is incomplete or not in the simplest form; then the output
   * must be discarded
   */
  message(type: MessageName, text: Buffer, pos: number, writer: Writer): number {
    this.text = text;
    this.pos = pos;
    this.depth = 0;
    return this.object(this.plan(type), writer) ? this.pos : -1;
  }

  private plan(type: MessageName): readonly Field[] {
    let plan = this.plans.get(type);
    if (plan === undefined) {
      plan = [...describeMessage(type).fields]
        .sort((a, b) => a.number - b.number)
        .map((field) => ({
          key: Buffer.from(`"${field.name}"`),
          name: field.name,
          required: field.label === 'required',
          repeated: field.label === 'repeated',
          type: field.type,
          tag: ((field.number << 3) | (WIRE[field.type] ?? 0)) >>> 0,
          of: field.of as MessageName,
          values: field.type === 'enum' ? describeEnum(field.of ?? '').values : undefined,
        }));
      this.plans.set(type, plan);
    }
    return plan;
  }

  /** Keys must be in the order of field numbers, since the values are written in this order. */
  private object(plan: readonly Field[], writer: Writer): boolean {
    const { text } = this;
    if (text[this.pos] !== OPEN || ++this.depth > DEEPEST) return false;
    this.pos++;
    let next = 0;
    if (this.skip() === CLOSE) this.pos++;
    else {
      for (;;) {
        let field = plan[next++];
        while (field !== undefined && !this.isKey(field.key)) {
          if (field.required) return false;
          field = plan[next++];
        }
        if (field === undefined) return false;
        this.pos += field.key.length;
        if (this.skip() !== COLON) return false;
        this.pos++;
        this.skip();
        if (!(field.repeated ? this.list(field, writer) : this.value(field, writer))) return false;
        const byte = this.skip();
        this.pos++;
        if (byte === CLOSE) break;
        if (byte !== COMMA) return false;
        this.skip();
      }
    }
    for (; next < plan.length; next++) if (plan[next]?.required) return false;
    this.depth--;
    return true;
  }

  private isKey(key: Buffer): boolean {
    const { text, pos } = this;
    for (let at = 0; at < key.length; at++) if (text[pos + at] !== key[at]) return false;
    return true;
  }

  /** Skips white space and returns the next byte. */
  private skip(): number | undefined {
    const { text } = this;
    let byte = text[this.pos];
    while (byte === SPACE || byte === 0x0a || byte === 0x0d || byte === 0x09) byte = text[++this.pos];
    return byte;
  }

  private list(field: Field, writer: Writer): boolean {
    if (this.text[this.pos] !== OPEN_LIST) return false;
    this.pos++;
    if (this.skip() === CLOSE_LIST) {
      this.pos++;
      return true;
    }
    for (;;) {
      if (!this.value(field, writer)) return false;
      const byte = this.skip();
      this.pos++;
      if (byte === CLOSE_LIST) return true;
      if (byte !== COMMA) return false;
      this.skip();
    }
  }

  private value(field: Field, writer: Writer): boolean {
    switch (field.type) {
      case 'message': {
        const start = writer.begin(field.tag, field, field.name);
        if (!this.object(this.plan(field.of), writer)) return false;
        writer.end(start);
        return true;
      }
      case 'string': {
        const start = this.pos + 1;
        const end = this.string();
        if (end < 0) return false;
        writer.ascii(field.tag, this.text, start, end);
        return true;
      }
      case 'enum': {
        const start = this.pos + 1;
        const end = this.string();
        const value = end < 0 ? undefined : field.values?.get(this.text.toString('latin1', start, end));
        if (value === undefined) return false;
        writer.i32(field.tag, value, field.name);
        return true;
      }
      case 'bool': {
        const value = this.word('true');
        if (!value && !this.word('false')) return false;
        writer.bool(field.tag, value, field.name);
        return true;
      }
      case 'bytes':
        return false;
      default:
        return this.number(field, writer);
    }
  }

  /** Skips a string of plain ASCII and returns the position of its closing quote, or -1. */
  private string(): number {
    const { text } = this;
    let pos = this.pos;
    if (text[pos] !== QUOTE) return -1;
    for (;;) {
      const byte = text[++pos];
      if (byte === QUOTE) {
        this.pos = pos + 1;
        return pos;
      }
      if (byte === undefined || byte === BACKSLASH || byte < SPACE || byte > 0x7e) return -1;
    }
  }

  private word(word: string): boolean {
    const { text, pos } = this;
    for (let at = 0; at < word.length; at++) if (text[pos + at] !== word.charCodeAt(at)) return false;
    this.pos = pos + word.length;
    return true;
  }

  private number(field: Field, writer: Writer): boolean {
    const { text } = this;
    let pos = this.pos;
    const negative = text[pos] === MINUS;
    const start = negative ? ++pos : pos;
    let value = 0;
    for (;;) {
      const digit = (text[pos] ?? 0) - ZERO;
      if (digit < 0 || digit > 9) break;
      value = value * 10 + digit;
      pos++;
    }
    const digits = pos - start;
    // The number must have no fraction and no exponent, and must not end the piece of text, since more digits could
    // follow.
    const behind = text[pos];
    if (
      behind !== COMMA &&
      behind !== CLOSE &&
      behind !== CLOSE_LIST &&
      behind !== SPACE &&
      behind !== 0x0a
    ) {
      return false;
    }
    if (digits === 0 || (digits > 1 && text[start] === ZERO)) return false;
    const first = this.pos;
    this.pos = pos;
    return digits <= MOST_DIGITS
      ? small(field, negative ? -value : value, writer)
      : big(field, BigInt(text.toString('latin1', first, pos)), writer);
  }
}

function small(field: Field, value: number, writer: Writer): boolean {
  const { type, tag, name } = field;
  switch (type) {
    case 'uint32':
      if (value < 0 || value > 0xffff_ffff) return false;
      writer.u32(tag, value, name);
      return true;
    case 'int32':
    case 'sint32':
      if ((value | 0) !== value) return false;
      if (type === 'int32') writer.i32(tag, value, name);
      else writer.s32(tag, value, name);
      return true;
    case 'uint64':
      if (value < 0) return false;
      writer.safe64(tag, value);
      return true;
    case 'int64':
      if (value < 0) writer.i64(tag, BigInt(value), name);
      else writer.safe64(tag, value);
      return true;
    default:
      return big(field, BigInt(value), writer);
  }
}

function big({ type, tag, name }: Field, value: bigint, writer: Writer): boolean {
  if (type === 'uint64' || type === 'fixed64') {
    if (BigInt.asUintN(64, value) !== value) return false;
    if (type === 'uint64') writer.u64(tag, value, name);
    else writer.fixed64(tag, value, name);
    return true;
  }
  if (type !== 'int64' && type !== 'sint64') return false;
  if (BigInt.asIntN(64, value) !== value) return false;
  if (type === 'int64') writer.i64(tag, value, name);
  else writer.s64(tag, value, name);
  return true;
}
