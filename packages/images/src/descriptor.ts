/// <reference types="node" preserve="true" />
// The schema as data: fields, numbers, types and display hints of all messages and enums.
import type { MessageName } from './codec.js';
import { enumLines, messageLines } from './descriptors.generated.js';

export type FieldType =
  | 'uint32'
  | 'int32'
  | 'sint32'
  | 'uint64'
  | 'int64'
  | 'sint64'
  | 'fixed64'
  | 'bool'
  | 'string'
  | 'bytes'
  | 'enum'
  | 'message';

/** Display hints of a field, named as in the `criu` option in opts.proto. */
export interface FieldHint {
  readonly hex?: true;
  readonly ipadd?: true;
  readonly dev?: true;
  readonly odev?: true;
  readonly flags?: string;
  readonly dict?: string;
  readonly conv?: string;
}

export interface FieldDescriptor {
  readonly name: string;
  readonly number: number;
  readonly label: 'required' | 'optional' | 'repeated';
  readonly type: FieldType;
  /** TypeScript name of the message or enum. */
  readonly of?: string;
  readonly hint: FieldHint;
  /** The default as in the schema. */
  readonly default?: string;
}

export interface MessageDescriptor {
  readonly file: string;
  /** Name in the schema. */
  readonly name: string;
  readonly tsName: MessageName;
  /** In the order of the schema. */
  readonly fields: readonly FieldDescriptor[];
}

export interface EnumDescriptor {
  readonly file: string;
  readonly name: string;
  readonly values: ReadonlyMap<string, number>;
}

export const messageNames = Object.keys(messageLines) as MessageName[];
export const enumNames: readonly string[] = Object.keys(enumLines);

const LABELS = { r: 'required', o: 'optional', '*': 'repeated' } as const;

const described = new Map<MessageName, MessageDescriptor>();

/** The descriptor of a message type. */
export function describeMessage(type: MessageName): MessageDescriptor {
  const known = described.get(type);
  if (known) return known;
  const made = parseMessage(type);
  described.set(type, made);
  return made;
}

function parseMessage(type: MessageName): MessageDescriptor {
  const [file, name, list] = messageLines[type].split(' ') as [string, string, string];
  return { file, name, tsName: type, fields: list === '' ? [] : list.split(';').map(parseField) };
}

export function describeEnum(name: string): EnumDescriptor {
  const line = enumLines[name];
  if (line === undefined) throw new TypeError(`no such enum: ${name}`);
  const [file, proto, list] = line.split(' ') as [string, string, string];
  const values = list.split(';').map((pair) => pair.split(':') as [string, string]);
  return { file, name: proto, values: new Map(values.map(([key, value]) => [key, Number(value)])) };
}

function parseField(text: string): FieldDescriptor {
  const [name, number, label, type, of, hints, initial] = text.split(':') as [
    string,
    string,
    'r' | 'o' | '*',
    FieldType,
    ...string[],
  ];
  const hint: Record<string, string | true> = {};
  if (hints) {
    for (const item of hints.split('+')) {
      const [key, value] = item.split('=') as [string, string?];
      hint[key] = value ?? true;
    }
  }
  return {
    name,
    number: Number(number),
    label: LABELS[label],
    type,
    ...(of ? { of } : {}),
    hint: hint as FieldHint,
    ...(initial ? { default: initial } : {}),
  };
}
