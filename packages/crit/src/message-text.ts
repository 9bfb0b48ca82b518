// Converts messages to JSON text, in the compact or the pretty form of crit.
import type { Buffer } from 'node:buffer';
import { describeEnum, describeMessage, type FieldDescriptor, type MessageName } from '@criu/images';
import { devText, flagNames, flagsText, ipText, valueNames } from './hints.js';
import { base64Lines, jsonString, quotedPrintable } from './python-text.js';

/** Returns the JSON of a value; `undefined` if crit does not show it. `pad` is the indentation of its first line. */
type Show = (value: never, pad: string) => string | undefined;

interface FieldPlan {
  readonly name: string;
  readonly key: string;
  readonly repeated: boolean;
  readonly show: Show;
}

/** Formats messages. Caches information about each type. */
export class MessageText {
  private readonly plans = new Map<string, FieldPlan[]>();

  constructor(readonly pretty: boolean) {}

  /** A message as a JSON object. The closing brace is indented by `pad`. */
  show(type: MessageName, message: object, pad = ''): string {
    return this.close(this.fields(this.plan(type, false), message, pad), pad);
  }

  /** The text of an object from `parts` of the form '"key": value'. */
  close(parts: readonly string[], pad: string): string {
    if (parts.length === 0) return '{}';
    if (!this.pretty) return `{${parts.join(', ')}}`;
    return `{\n${pad}    ${parts.join(`,\n${pad}    `)}\n${pad}}`;
  }

  list(items: readonly string[], pad: string): string {
    if (items.length === 0) return '[]';
    if (!this.pretty) return `[${items.join(', ')}]`;
    return `[\n${pad}    ${items.join(`,\n${pad}    `)}\n${pad}]`;
  }

  /** The members of the object of a message, in the order of field numbers. */
  members(type: MessageName, message: object, pad: string): string[] {
    return this.fields(this.plan(type, false), message, pad);
  }

  private fields(plan: readonly FieldPlan[], message: object, pad: string): string[] {
    const parts: string[] = [];
    const record = message as Record<string, never>;
    const inner = this.pretty ? `${pad}    ` : '';
    for (const field of plan) {
      const value = record[field.name] as unknown;
      if (value === undefined) continue;
      if (field.repeated && (value as unknown[]).length === 0) continue;
      const text = field.show(value as never, inner);
      if (text !== undefined) parts.push(field.key + text);
    }
    return parts;
  }

  private plan(type: MessageName, hex: boolean): FieldPlan[] {
    const key = hex ? `${type} hex` : type;
    let plan = this.plans.get(key);
    if (plan === undefined) {
      const fields = [...describeMessage(type).fields].sort((a, b) => a.number - b.number);
      plan = fields.map((field) => this.fieldPlan(field, hex));
      this.plans.set(key, plan);
    }
    return plan;
  }

  private fieldPlan(field: FieldDescriptor, hex: boolean): FieldPlan {
    const one = this.single(field, hex || field.hint.hex === true);
    const repeated = field.label === 'repeated';
    return {
      name: field.name,
      key: `"${field.name}": `,
      repeated,
      show: repeated ? this.many(field, one) : one,
    };
  }

  private many(field: FieldDescriptor, one: Show): Show {
    const address = this.pretty && field.hint.ipadd === true;
    return (values: readonly never[], pad) => {
      const ip = address ? ipText(values) : undefined;
      if (ip !== undefined) return this.list([`"${ip}"`], pad);
      const inner = this.pretty ? `${pad}    ` : '';
      const items: string[] = [];
      for (const value of values) {
        const text = one(value, inner);
        if (text !== undefined) items.push(text);
      }
      return items.length === 0 ? undefined : this.list(items, pad);
    };
  }

  private single(field: FieldDescriptor, hex: boolean): Show {
    switch (field.type) {
      case 'message': {
        const type = field.of as MessageName;
        let plan: FieldPlan[] | undefined;
        return (value: object, pad) => {
          plan ??= this.plan(type, hex);
          return this.close(this.fields(plan, value, pad), pad);
        };
      }
      case 'enum': {
        const names = new Map(
          [...describeEnum(field.of ?? '').values].map(([name, value]) => [value, `"${name}"`]),
        );
        return (value: number) => names.get(value);
      }
      case 'bytes':
        if (field.hint.conv === 'unix_name') return (value: Buffer) => jsonString(quotedPrintable(value));
        return (value: Buffer) => `"${base64Lines(value)}"`;
      case 'string':
        return (value: string) => jsonString(value);
      case 'bool':
        return (value: boolean) => (value ? 'true' : 'false');
      default:
        return this.pretty ? prettyNumber(field, hex) : (value: number | bigint) => value.toString();
    }
  }
}

function prettyNumber(field: FieldDescriptor, hex: boolean): Show {
  const { hint } = field;
  if (hex) return (value: number | bigint) => `"0x${value.toString(16)}"`;
  if (hint.dev) return (value: number) => `"${devText(value, hint.odev === true)}"`;
  if (hint.flags !== undefined) {
    const names = flagNames[hint.flags];
    if (names === undefined) return (value: number) => `"0x${value.toString(16)}"`;
    return (value: number) => `"${flagsText(value, names)}"`;
  }
  if (hint.dict !== undefined) {
    const names = valueNames[hint.dict]?.[field.name] ?? {};
    return (value: number) => {
      const name = names[value];
      return name === undefined ? value.toString() : `"${name}"`;
    };
  }
  return (value: number | bigint) => value.toString();
}
