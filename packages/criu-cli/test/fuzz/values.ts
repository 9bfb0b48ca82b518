// Other values for a field: extremes, neighbours, numbers that stand elsewhere in the set, names that lead elsewhere.
import type { FieldDescriptor } from '@criu/images';
import { type ImageSetCopy, type Message, schemaOf } from './image-set.js';
import type { Random } from './random.js';

const WIDE = new Set(['uint64', 'int64', 'sint64', 'fixed64']);
const SIGNED = new Set(['int32', 'sint32', 'int64', 'sint64', 'enum']);

const NAMES = [
  '',
  '.',
  '..',
  '/',
  '//',
  '../../../../etc/passwd',
  '/etc/passwd',
  '/tmp/../etc/passwd',
  '/proc/self/mem',
  '/dev/null',
  '/dev/tty',
  '/nonexistent/file',
  'a\0b',
  'x'.repeat(300),
  `/${'x'.repeat(5000)}`,
  'link_remap.1',
  '/proc/1/ns/net',
  'ö\n%s"',
];

/** A number within the range of its type. */
function fit(value: bigint, type: string): number | bigint {
  const bits = WIDE.has(type) ? 64 : 32;
  const whole = SIGNED.has(type) ? BigInt.asIntN(bits, value) : BigInt.asUintN(bits, value);
  return WIDE.has(type) ? whole : Number(whole);
}

function otherNumber(
  set: ImageSetCopy,
  { name, type }: FieldDescriptor,
  before: unknown,
  random: Random,
): unknown {
  const known = BigInt((before as number | bigint | undefined) ?? 0);
  const bits = WIDE.has(type) ? 64 : 32;
  const value = (): bigint => {
    switch (random.below(9)) {
      case 0:
        return 0n;
      case 1:
        return random.pick([1n, 2n, 3n, 4095n, 4096n, 0xffffn, 0x10000n]);
      case 2:
        return random.pick([
          -1n,
          -2n,
          1n << 31n,
          (1n << 31n) - 1n,
          1n << 32n,
          (1n << 63n) - 1n,
          1n << 63n,
          1n << 53n,
        ]);
      case 3:
        return known + random.pick([-1n, 1n, -4096n, 4096n]);
      case 4:
        return known ^ (1n << BigInt(random.below(bits)));
      case 5:
      case 6:
        return BigInt(random.pick(set.numbers.get(name) ?? set.all));
      case 7:
        return BigInt(random.pick(set.all));
      default:
        return BigInt(random.word()) * BigInt(random.pick([1, 3, 0x10001]));
    }
  };
  for (let tries = 0; tries < 8; tries++) {
    const found = fit(value(), type);
    if (found !== before) return found;
  }
  return fit(known + 1n, type);
}

function otherText(before: string, random: Random): string {
  switch (random.below(6)) {
    case 0:
      return `${before}/../../../../../etc/hostname`;
    case 1:
      return before.slice(0, random.below(before.length + 1));
    case 2:
      return `${before}${random.pick(['x', '/', '/.', '/..', '\0', '/x'])}`;
    case 3:
      return before.replace(/[^/]*$/, random.pick(NAMES));
    default:
      return random.pick(NAMES);
  }
}

function otherBytes(before: Buffer, random: Random): Buffer {
  const changed = Buffer.from(before);
  switch (random.below(5)) {
    case 0:
      return Buffer.alloc(0);
    case 1:
      return changed.subarray(0, random.below(changed.length + 1));
    case 2:
      return Buffer.concat([changed, Buffer.alloc(random.pick([1, 8, 128, 5000]), random.below(256))]);
    case 3:
      return Buffer.from(random.pick(NAMES));
    default:
      if (changed.length > 0) changed[random.below(changed.length)] = random.below(256);
      return changed;
  }
}

/** A value for a field that is another than before. */
export function otherValue(
  set: ImageSetCopy,
  field: FieldDescriptor,
  before: unknown,
  random: Random,
): unknown {
  switch (field.type) {
    case 'bool':
      return before !== true;
    case 'string':
      return otherText((before as string | undefined) ?? '', random);
    case 'bytes':
      return otherBytes((before as Buffer | undefined) ?? Buffer.alloc(0), random);
    case 'message':
      return fresh(set, field.of ?? '', random);
    default:
      return otherNumber(set, field, before, random);
  }
}

/** A message with what it has to have. */
export function fresh(set: ImageSetCopy, type: string, random: Random): Message {
  const out: Message = {};
  for (const field of schemaOf(type).fields) {
    if (field.label === 'repeated') out[field.name] = [];
    else if (field.label === 'required' || random.chance(10))
      out[field.name] = otherValue(set, field, undefined, random);
  }
  return out;
}
