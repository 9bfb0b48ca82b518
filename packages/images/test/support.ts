// What the tests share: where golden files are, and generators of messages of any type.
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import { describeEnum, describeMessage, type FieldDescriptor, type MessageName } from '../src/index.js';

export const fixtures = fileURLToPath(new URL('./fixtures', import.meta.url));
/** Facts and corpus that may lie beside the repository. */
export const shared = fileURLToPath(new URL('../../../../shared', import.meta.url));
export const hasCorpus = existsSync(join(shared, 'corpus', 'criu-4.2'));

/** Directories of images with crit's words on them: the fixtures, and the whole corpus where it is there. */
export function goldenSets(): { name: string; images: string; texts: string }[] {
  const roots = [fixtures, ...(hasCorpus ? [join(shared, 'corpus')] : [])];
  return roots.flatMap((root) =>
    readdirSync(join(root, 'criu-4.2')).map((name) => ({
      name,
      images: join(root, 'criu-4.2', name),
      texts: join(root, 'crit-4.2', name),
    })),
  );
}

const integer = (low: bigint, high: bigint) =>
  fc.oneof(fc.constantFrom(low, high, 0n, 1n), fc.bigInt({ min: low, max: high }));
const small = (low: number, high: number) =>
  fc.oneof(fc.constantFrom(low, high, 0, 1), fc.integer({ min: low, max: high }));

function scalar(field: FieldDescriptor): fc.Arbitrary<unknown> {
  switch (field.type) {
    case 'uint32':
      return small(0, 0xffffffff);
    case 'int32':
    case 'sint32':
      return small(-0x80000000, 0x7fffffff);
    case 'enum':
      return fc.constantFrom(...describeEnum(field.of!).values.values());
    case 'uint64':
    case 'fixed64':
      return integer(0n, 0xffff_ffff_ffff_ffffn);
    case 'int64':
    case 'sint64':
      return integer(-0x8000_0000_0000_0000n, 0x7fff_ffff_ffff_ffffn);
    case 'bool':
      return fc.boolean();
    case 'string':
      return fc.oneof(fc.string({ maxLength: 12 }), fc.string({ unit: 'binary', maxLength: 6 }));
    case 'bytes':
      return fc.uint8Array({ maxLength: 200 }).map((bytes) => Buffer.from(bytes));
    case 'message':
      throw new TypeError('not a scalar');
  }
}

/** Any message of a type. Optional messages and lists get rarer with depth, so that it ends. */
export function anyMessage(type: MessageName, depth = 0): fc.Arbitrary<Record<string, unknown>> {
  const shape: Record<string, fc.Arbitrary<unknown>> = {};
  const required: string[] = [];
  for (const field of describeMessage(type).fields) {
    const nested = field.type === 'message';
    if (field.label !== 'optional') required.push(field.name);
    if (nested && depth >= 3 && field.label !== 'required') {
      if (field.label === 'repeated') shape[field.name] = fc.constant([]);
      continue;
    }
    const one = nested ? anyMessage(field.of as MessageName, depth + 1) : scalar(field);
    shape[field.name] = field.label === 'repeated' ? fc.array(one, { maxLength: nested ? 2 : 4 }) : one;
  }
  return fc.record(shape, { requiredKeys: required });
}
