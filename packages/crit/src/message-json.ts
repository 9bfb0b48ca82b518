// Converts crit's JSON, in compact or pretty form, to messages.
import { Buffer } from 'node:buffer';
import {
  describeEnum,
  describeMessage,
  type FieldDescriptor,
  ImageError,
  type MessageName,
} from '@criu/images';
import { devValue, flagNames, flagsValue, ipWords, valueNames } from './hints.js';
import { fromQuotedPrintable } from './python-text.js';

type Parse = (value: unknown) => unknown;

interface FieldPlan {
  readonly name: string;
  readonly parse: Parse;
}

/**
 * A value that does not fit the schema. The path is assembled while the exception is passed up, since most values fit.
 */
class Misfit extends Error {
  path = '';
  constructor(
    readonly wanted: string,
    readonly value: unknown,
  ) {
    super(wanted);
  }
}

function bad(wanted: string, value: unknown): never {
  throw new Misfit(wanted, value);
}

function within(step: string, error: unknown): unknown {
  if (error instanceof Misfit) error.path = step + error.path;
  return error;
}

/** Converts messages. Caches information about each type. Keys that the schema does not know are ignored. */
export class MessageJson {
  private readonly plans = new Map<MessageName, FieldPlan[]>();

  /**
   * @param path name of the value in error messages
   * @throws ImageError `bad-value` with the path of the wrong value
   */
  parse(type: MessageName, value: unknown, path: string = type): object {
    try {
      return this.message(type, value);
    } catch (error) {
      if (!(error instanceof Misfit)) throw error;
      const shown = JSON.stringify(error.value) ?? String(error.value);
      throw new ImageError(
        'bad-value',
        `${path}${error.path} must be ${error.wanted}, not ${shown.slice(0, 80)}`,
      );
    }
  }

  private message(type: MessageName, value: unknown): object {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) bad('an object', value);
    let plan = this.plans.get(type);
    if (plan === undefined) {
      plan = [];
      this.plans.set(type, plan);
      for (const field of describeMessage(type).fields)
        plan.push({ name: field.name, parse: this.field(field) });
    }
    const source = value as Record<string, unknown>;
    const out: Record<string, unknown> = {};
    for (const { name, parse } of plan) {
      const found = source[name];
      if (found === undefined || !Object.hasOwn(source, name)) continue;
      try {
        out[name] = parse(found);
      } catch (error) {
        throw within(`.${name}`, error);
      }
    }
    return out;
  }

  private field(field: FieldDescriptor): Parse {
    const one = this.single(field);
    if (field.label !== 'repeated') return one;
    return (value) => {
      if (!Array.isArray(value)) bad('a list', value);
      if (field.hint.ipadd && typeof value[0] === 'string') {
        return ipWords(value[0]) ?? bad('an IP address', value[0]);
      }
      return value.map((item, index) => {
        try {
          return one(item);
        } catch (error) {
          throw within(`[${index}]`, error);
        }
      });
    };
  }

  private single(field: FieldDescriptor): Parse {
    switch (field.type) {
      case 'message': {
        const type = field.of as MessageName;
        return (value) => this.message(type, value);
      }
      case 'enum': {
        const { values } = describeEnum(field.of ?? '');
        return (value) => {
          if (typeof value === 'number') return value;
          return values.get(String(value)) ?? bad(`one of ${[...values.keys()].join(', ')}`, value);
        };
      }
      case 'bytes':
        return (value) => {
          if (typeof value !== 'string') bad('text', value);
          return field.hint.conv === 'unix_name' ? fromQuotedPrintable(value) : Buffer.from(value, 'base64');
        };
      case 'string':
        return (value) => (typeof value === 'object' ? bad('text', value) : String(value));
      case 'bool':
        return (value) => Boolean(value);
      default:
        return number(field);
    }
  }
}

function number(field: FieldDescriptor): Parse {
  const { hint, name } = field;
  const big = field.type.endsWith('64');
  const names = hint.flags === undefined ? undefined : flagNames[hint.flags];
  const words = hint.dict === undefined ? undefined : valueNames[hint.dict]?.[name];
  const values = words && new Map(Object.entries(words).map(([value, word]) => [word, Number(value)]));
  const [low, high] = RANGES[field.type] ?? [0n, 0n];
  const finish = (value: bigint): number | bigint => {
    if (value < low || value > high) bad(`from ${low} to ${high}`, value.toString());
    return big ? value : Number(value);
  };
  return (value) => {
    if (typeof value === 'number') {
      if (!Number.isInteger(value)) bad('an integer', value);
      return big ? finish(BigInt(value)) : value;
    }
    if (typeof value === 'boolean') return finish(value ? 1n : 0n);
    if (typeof value !== 'string') bad('an integer', value);
    if (hint.dev && value.includes(':')) return devValue(value, hint.odev === true) ?? bad('a device', value);
    if (names !== undefined) {
      const bits = flagsValue(value, names);
      return bits ?? bad(`flags out of ${names.map(([word]) => word).join(', ')}`, value);
    }
    const named = values?.get(value);
    if (named !== undefined) return named;
    return finish(integer(value) ?? bad('an integer', value));
  };
}

const RANGES: Readonly<Record<string, readonly [bigint, bigint]>> = {
  uint32: [0n, 0xffffffffn],
  int32: [-0x80000000n, 0x7fffffffn],
  sint32: [-0x80000000n, 0x7fffffffn],
  uint64: [0n, 0xffffffffffffffffn],
  fixed64: [0n, 0xffffffffffffffffn],
  int64: [-0x8000000000000000n, 0x7fffffffffffffffn],
  sint64: [-0x8000000000000000n, 0x7fffffffffffffffn],
};

/** An integer in the syntax of Python's int(text, 0). crit itself prints negative hexadecimal numbers as "0x-1". */
function integer(text: string): bigint | undefined {
  const match = /^\s*([-+]?)(0[xX][-0-9a-fA-F_]+|0[oO][0-7_]+|0[bB][01_]+|[1-9][0-9_]*|0+)\s*$/.exec(text);
  if (match?.[2] === undefined) return undefined;
  let digits = match[2].replaceAll('_', '');
  let negative = match[1] === '-';
  if (/^0x-/i.test(digits)) {
    digits = `0x${digits.slice(3)}`;
    negative = !negative;
  }
  if (digits.slice(2).includes('-') || /^0[xob]$/i.test(digits)) return undefined;
  const value = BigInt(digits);
  return negative ? -value : value;
}
