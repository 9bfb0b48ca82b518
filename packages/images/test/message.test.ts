// Single messages survive encoding and decoding, whatever is in them.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeMessage, encodeMessage, ImageError, messageNames, unknownFields } from '../src/index.js';
import { anyMessage } from './support.js';

describe('a message', () => {
  for (const type of messageNames) {
    it(`of type ${type} is the same after a round trip`, () => {
      fc.assert(
        fc.property(anyMessage(type), (message) => {
          const bytes = encodeMessage(type, message as never);
          expect(decodeMessage(type, bytes)).toEqual(message);
          expect(encodeMessage(type, decodeMessage(type, bytes) as never).equals(bytes)).toBe(true);
        }),
        { numRuns: 20 },
      );
    });
  }

  it('keeps fields that the schema does not know', () => {
    const known = encodeMessage('PagemapHead', { pages_id: 7 });
    // Field 100 as a varint, as a string, as a group with a fixed32 in it, and as a fixed64.
    const extra = Buffer.from('a0069601a206027878a3062501020304a406a1060102030405060708', 'hex');
    const bytes = Buffer.concat([known, extra]);
    const message = decodeMessage('PagemapHead', bytes);
    expect(JSON.stringify(message)).toBe('{"pages_id":7}');
    expect(Buffer.concat((message as { [unknownFields]?: Buffer[] })[unknownFields]!)).toEqual(extra);
    expect(encodeMessage('PagemapHead', { ...message })).toEqual(bytes);
  });

  it('keeps enum numbers that the schema does not know', () => {
    const bytes = encodeMessage('FdinfoEntry', { id: 1, flags: 0, type: 4711, fd: 3 });
    expect(decodeMessage('FdinfoEntry', bytes).type).toBe(4711);
  });

  it('keeps strings that are not UTF-8', () => {
    for (const text of [
      'ff',
      '61ff62',
      'c3',
      'eda080',
      'f0908d',
      'c3a9ff',
      'efbfbd',
      'c080',
      'e282',
      'f4908080',
    ]) {
      const raw = Buffer.from(text, 'hex');
      const bytes = Buffer.concat([Buffer.from([0x0a, raw.length]), raw, Buffer.from([0x12, 0])]);
      const message = decodeMessage('UtsnsEntry', bytes);
      expect(encodeMessage('UtsnsEntry', message)).toEqual(bytes);
    }
  });

  it('takes packed and unpacked lists of numbers', () => {
    const packed = Buffer.from('0801120301ac02', 'hex');
    expect(decodeMessage('ScmEntry', packed)).toEqual({ type: 1, rights: [1, 300] });
    expect(decodeMessage('ScmEntry', Buffer.from('0801100110ac02', 'hex'))).toEqual({
      type: 1,
      rights: [1, 300],
    });
  });

  it('merges a submessage that comes in two parts', () => {
    const vma = (start: bigint) => encodeMessage('Timeval', { tv_sec: start, tv_usec: 1n });
    const part = (bytes: Buffer) => Buffer.concat([Buffer.from([0x3a, bytes.length]), bytes]);
    const bytes = Buffer.concat([
      encodeMessage('GhostFileEntry', { uid: 1, gid: 2, mode: 3 }),
      part(vma(5n)),
      part(vma(6n)),
    ]);
    expect(decodeMessage('GhostFileEntry', bytes).atim).toEqual({ tv_sec: 6n, tv_usec: 1n });
  });

  const cases: [what: string, hex: string, code: string, reason: RegExp][] = [
    ['a varint without an end', '08ffffff', 'truncated', /varint/],
    ['a varint of eleven bytes', '08ffffffffffffffffffff01', 'bad-wire', /10 bytes/],
    ['a field number 0', '0001', 'bad-wire', /field number 0/],
    ['an end of a group that did not begin', '0c', 'bad-wire', /wire type 4/],
    ['a group without an end', 'a306', 'truncated', /group/],
    ['a string beyond the end', 'a206ff01', 'truncated', /255 bytes/],
    ['nothing where something is required', '', 'missing-field', /pagemap_head.pages_id/],
  ];
  for (const [what, hex, code, reason] of cases) {
    it(`with ${what} is an error`, () => {
      expect(() => decodeMessage('PagemapHead', Buffer.from(hex, 'hex'))).toThrowError(
        expect.objectContaining({ code, reason: expect.stringMatching(reason) }) as unknown as Error,
      );
    });
  }

  it('that nests without bounds is an error, not a crash', () => {
    let bytes = Buffer.from([0x0a, 0]);
    for (let depth = 0; depth < 150; depth++) {
      const outer = encodeMessage('AaNamespace', { name: '' });
      const length = bytes.length;
      bytes = Buffer.concat([outer, Buffer.from([0x1a, (length & 127) | 128, length >> 7]), bytes]);
    }
    expect(() => decodeMessage('AaNamespace', bytes)).toThrowError(/nest deeper/);
  });

  it('with a value that does not fit is refused when it is written', () => {
    const write = (pages_id: unknown) => () => encodeMessage('PagemapHead', { pages_id: pages_id as number });
    for (const value of [-1, 2 ** 32, 1.5, Number.NaN, '1', 1n]) {
      expect(write(value)).toThrowError(ImageError);
      expect(write(value)).toThrowError(/pagemap_head.pages_id must be a number/);
    }
    expect(write(undefined)).toThrowError(/required field pagemap_head.pages_id/);
    expect(() =>
      encodeMessage('PagemapEntry', { vaddr: 1 as unknown as bigint, compat_nr_pages: 0 }),
    ).toThrowError(/bigint/);
  });
});
