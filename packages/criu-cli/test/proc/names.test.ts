/** Names in strings: one way to write bytes that are no UTF-8, in what the kernel says and in images. */

import { decodeMessage, encodeMessage } from '@criu/images';
import { decodeName, encodeName } from '@criu/native';
import fc from 'fast-check';
import { expect, it } from 'vitest';

/** Bytes that are often nearly UTF-8. */
const names = fc
  .array(
    fc.oneof(
      fc.constantFrom(0x61, 0x80, 0xbf, 0xc3, 0xa9, 0xe2, 0x98, 0x83, 0xed, 0xa0, 0xf0, 0x9f, 0xf4, 0xff),
      fc.integer({ min: 1, max: 255 }),
    ),
    { maxLength: 40 },
  )
  .map((bytes) => Buffer.from(bytes));

it('a name from the kernel comes out of an image as the same string and the same bytes', () => {
  fc.assert(
    fc.property(names, (bytes) => {
      const name = decodeName(bytes);
      const wire = encodeMessage('UtsnsEntry', { nodename: name, domainname: '' });
      expect(wire.subarray(2, 2 + bytes.length).equals(bytes)).toBe(true);
      expect(decodeMessage('UtsnsEntry', wire).nodename).toBe(name);
      expect(encodeName(name).equals(bytes)).toBe(true);
    }),
    { numRuns: 2000 },
  );
});
