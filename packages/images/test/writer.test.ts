// Numbers of all magnitudes in the wire format: as many bytes as they need, and no more.
import { describe, expect, it } from 'vitest';
import { Writer } from '../src/writer.js';

/** Seven bits in each byte, the lowest first. */
function varint(value: bigint): number[] {
  const out: number[] = [];
  for (let rest = BigInt.asUintN(64, value); ; rest >>= 7n) {
    if (rest < 128n) return [...out, Number(rest)];
    out.push(Number(rest & 127n) | 128);
  }
}

const zigzag = (value: bigint) => (value << 1n) ^ (value >> 63n);
const around = Array.from({ length: 64 }, (_, i) => 1n << BigInt(i)).flatMap((n) => [n - 1n, n, n + 1n]);
const unsigned = [...around, (1n << 64n) - 1n];
const signed = [...unsigned, ...unsigned.map((n) => -n), -(1n << 63n)].filter(
  (n) => BigInt.asIntN(64, n) === n,
);
const in32 = (from: bigint, to: bigint) =>
  [...unsigned, ...signed].filter((n) => n >= from && n <= to).map(Number);
const TAGS = [8, 8000];

describe.each(TAGS)('a number behind the tag %i', (tag) => {
  const check = (write: (writer: Writer) => void, value: bigint) => {
    const writer = new Writer(1);
    write(writer);
    expect([...writer.finish()], String(value)).toEqual([...varint(BigInt(tag)), ...varint(value)]);
  };

  it('has 64 bits', () => {
    for (const value of unsigned) check((writer) => writer.u64(tag, value, 'field'), value);
    for (const value of signed) check((writer) => writer.i64(tag, value, 'field'), value);
    for (const value of signed) check((writer) => writer.s64(tag, value, 'field'), zigzag(value));
  });

  it('has 32 bits', () => {
    for (const value of in32(0n, 0xffff_ffffn))
      check((writer) => writer.u32(tag, value, 'field'), BigInt(value));
    for (const value of in32(-0x8000_0000n, 0x7fff_ffffn)) {
      check((writer) => writer.i32(tag, value, 'field'), BigInt(value));
      check((writer) => writer.s32(tag, value, 'field'), zigzag(BigInt(value)));
    }
  });

  it('is a double', () => {
    for (const value of unsigned.filter((n) => n < 1n << 53n))
      check((writer) => writer.safe64(tag, Number(value)), value);
  });
});

it('has no more bits than its field', () => {
  const writer = new Writer();
  for (const value of [-1n, 1n << 64n, (1n << 64n) + 1n])
    expect(() => writer.u64(8, value, 'field'), String(value)).toThrow(/field must be/);
  for (const value of [1n << 63n, -(1n << 63n) - 1n]) {
    expect(() => writer.i64(8, value, 'field'), String(value)).toThrow(/field must be/);
    expect(() => writer.s64(8, value, 'field'), String(value)).toThrow(/field must be/);
  }
});
