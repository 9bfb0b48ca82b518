// Compares two messages of one type by field, with values in the form of `crit show`.
import { Buffer } from 'node:buffer';
import {
  describeMessage,
  type FieldDescriptor,
  type MessageDescriptor,
  type MessageName,
  unknownFields,
} from '@criu/images';
import { MessageText } from '../message-text.js';

export interface FieldChange {
  readonly change: 'added' | 'removed' | 'changed';
  /** Such as `[pid=5].tc.comm`. Elements of a list are named by their key field, or by their index. */
  readonly path: string;
  /** Values in the form of `crit show`, on one line. */
  readonly before?: string;
  readonly after?: string;
}

/** Fields that identify an element of a list, the preferred ones first. */
const KEYS = [
  'id',
  'pid',
  'fd',
  'tid',
  'mnt_id',
  'start',
  'vaddr',
  'ino',
  'pipe_id',
  'inode_id',
  'ifindex',
  'name',
];

type Fields = Record<string, unknown>;

/** Compares messages. Caches information about each type. */
export class MessageDiff {
  private readonly text = new MessageText(true);
  private readonly types = new Map<MessageName, MessageDescriptor>();

  constructor(private readonly found: (change: FieldChange) => void) {}

  message(type: MessageName, before: object, after: object, path: string): void {
    const dot = path === '' ? '' : '.';
    for (const field of this.describe(type).fields) {
      const one = (before as Fields)[field.name];
      const other = (after as Fields)[field.name];
      const at = `${path}${dot}${field.name}`;
      if (field.label === 'repeated') {
        const [left, right] = [(one ?? []) as unknown[], (other ?? []) as unknown[]];
        if (field.type === 'message') this.list(field.of as MessageName, left, right, at);
        else this.values(type, field, left, right, at);
      } else if (one !== undefined && other !== undefined && field.type === 'message') {
        this.message(field.of as MessageName, one as object, other as object, at);
      } else if (!same(one, other)) {
        this.report(at, this.show(type, field, one), this.show(type, field, other));
      }
    }
    const [one, other] = [unknownBytes(before), unknownBytes(after)];
    if (!one.equals(other)) {
      const hex = (bytes: Buffer) => (bytes.length === 0 ? undefined : bytes.toString('hex'));
      this.report(`${path}${dot}(fields without a name)`, hex(one), hex(other));
    }
  }

  /** Compares lists. Elements are paired by key field, or by position after equal elements at both ends are removed. */
  list(
    type: MessageName,
    before: readonly unknown[],
    after: readonly unknown[],
    path: string,
    /** Called for each pair. */
    paired: (before: unknown, after: unknown, path: string) => void = () => {},
  ): void {
    const show = (element: unknown): string => oneLine(this.text.show(type, element as object));
    const key = this.key(type, before as Fields[], after as Fields[]);
    if (key !== undefined) {
      const left = new Map((before as Fields[]).map((element) => [String(element[key.name]), element]));
      const right = new Map((after as Fields[]).map((element) => [String(element[key.name]), element]));
      const at = (element: Fields) =>
        `${path}[${key.name}=${plain(this.show(type, key, element[key.name]))}]`;
      for (const [id, element] of left) {
        const other = right.get(id);
        if (other === undefined) this.report(at(element), show(element), undefined);
        else {
          this.message(type, element, other, at(element));
          paired(element, other, at(element));
        }
      }
      for (const [id, element] of right) {
        if (!left.has(id)) this.report(at(element), undefined, show(element));
      }
      return;
    }
    // Compared as texts, since messages have no order.
    const [left, right] = [before.map(show), after.map(show)];
    let head = 0;
    while (head < left.length && head < right.length && left[head] === right[head]) head++;
    let tail = 0;
    const shorter = Math.min(left.length, right.length) - head;
    while (tail < shorter && left.at(-1 - tail) === right.at(-1 - tail)) tail++;
    const middle = Math.max(left.length, right.length) - tail;
    const late = left.length - right.length;
    for (let index = 0; index < head; index++) paired(before[index], after[index], `${path}[${index}]`);
    for (let index = left.length - tail; index < left.length; index++)
      paired(before[index], after[index - late], `${path}[${index}]`);
    for (let index = head; index < middle; index++) {
      const at = `${path}[${index}]`;
      const [one, other] = [index < left.length - tail, index < right.length - tail];
      if (one && other) {
        this.message(type, before[index] as object, after[index] as object, at);
        paired(before[index], after[index], at);
      } else this.report(at, one ? left[index] : undefined, other ? right[index] : undefined);
    }
  }

  private values(
    type: MessageName,
    field: FieldDescriptor,
    before: readonly unknown[],
    after: readonly unknown[],
    path: string,
  ): void {
    if (before.length === after.length && before.every((value, index) => same(value, after[index]))) return;
    const show = (values: readonly unknown[]) =>
      values.length === 0 ? undefined : this.show(type, field, values);
    // An address of several words is easier to read as a whole.
    if (before.length !== after.length || field.hint.ipadd) {
      this.report(path, show(before), show(after));
      return;
    }
    for (const [index, value] of before.entries()) {
      if (!same(value, after[index]))
        this.report(`${path}[${index}]`, inner(show([value])), inner(show([after[index]])));
    }
  }

  private report(path: string, before: string | undefined, after: string | undefined): void {
    if (before === undefined) {
      if (after !== undefined) this.found({ change: 'added', path, after });
    } else if (after === undefined) this.found({ change: 'removed', path, before });
    else this.found({ change: 'changed', path, before, after });
  }

  private key(
    type: MessageName,
    before: readonly Fields[],
    after: readonly Fields[],
  ): FieldDescriptor | undefined {
    const { fields } = this.describe(type);
    for (const name of KEYS) {
      const field = fields.find((candidate) => candidate.name === name);
      if (field === undefined || field.label === 'repeated' || field.type === 'message') continue;
      if (field.type !== 'bytes' && unique(before, name) && unique(after, name)) return field;
    }
    return undefined;
  }

  private show(type: MessageName, field: FieldDescriptor, value: unknown): string | undefined {
    if (value === undefined) return undefined;
    const [member] = this.text.members(type, { [field.name]: value }, '');
    // crit does not show an enum's number without a name.
    return member === undefined ? String(value) : oneLine(member.slice(field.name.length + 4));
  }

  private describe(type: MessageName): MessageDescriptor {
    const known = this.types.get(type) ?? describeMessage(type);
    this.types.set(type, known);
    return known;
  }
}

function unique(elements: readonly Fields[], name: string): boolean {
  const seen = new Set<string>();
  for (const element of elements) {
    const value = element[name];
    if (value === undefined || seen.has(String(value))) return false;
    seen.add(String(value));
  }
  return true;
}

function same(one: unknown, other: unknown): boolean {
  if (one instanceof Uint8Array && other instanceof Uint8Array) return Buffer.compare(one, other) === 0;
  return one === other;
}

function unknownBytes(message: object): Buffer {
  const pieces = (message as { [unknownFields]?: Buffer[] })[unknownFields];
  return pieces === undefined ? Buffer.alloc(0) : Buffer.concat(pieces);
}

/** JSON text of several lines as one line. JSON strings contain no line feeds. */
function oneLine(text: string): string {
  return text.includes('\n')
    ? text
        .replace(/([[{])\n\s*/g, '$1')
        .replace(/\n\s*([\]}])/g, '$1')
        .replace(/\n\s*/g, ' ')
    : text;
}

const plain = (text: string | undefined): string => (text ?? '').replace(/^"(.*)"$/, '$1');
/** The only element of a list's text. */
const inner = (text: string | undefined): string | undefined => text?.slice(1, -1);
