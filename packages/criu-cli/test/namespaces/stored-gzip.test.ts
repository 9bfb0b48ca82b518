// gzip without compression: what is written can be read by zlib and by us, and nothing else is taken for it.
import { randomBytes } from 'node:crypto';
import { gunzipSync, gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { readStoredGzip, storeGzip } from '../../src/resources/namespaces/mnt/stored-gzip.js';

const packed = (bytes: Buffer): Buffer => storeGzip(bytes) ?? Buffer.alloc(0);

describe('gzip without compression', () => {
  it.each([0, 1, 10_240, 0xffff, 0x10000, 200_000, 0xffff * 2])(
    'of %i bytes is read by zlib, and by us',
    (length) => {
      const bytes = randomBytes(length);
      expect(gunzipSync(packed(bytes)).equals(bytes)).toBe(true);
      expect(readStoredGzip(packed(bytes))?.equals(bytes)).toBe(true);
    },
  );

  it('is not made of very much', () => expect(storeGzip(Buffer.alloc((1 << 19) + 1))).toBeUndefined());

  it('of several blocks is not seen in what is cut or changed', () => {
    const whole = packed(randomBytes(0x10000 + 10));
    // Heads of both blocks, the end of the first, the trailer.
    for (const at of [10, 11, 13, 15 + 0xffff, 16 + 0xffff, 18 + 0xffff, 14 + 0xffff, whole.length - 1]) {
      expect(readStoredGzip(whole.subarray(0, at)), `${at} bytes`).toBeUndefined();
      const changed = Buffer.from(whole);
      changed.writeUInt8(changed.readUInt8(at) ^ 1, at);
      expect(readStoredGzip(changed), `byte ${at}`).toBeUndefined();
    }
  });

  it('is not seen in what is cut, changed or made otherwise', () => {
    const whole = packed(Buffer.from('some bytes'));
    for (let end = 0; end < whole.length; end++)
      expect(readStoredGzip(whole.subarray(0, end)), `${end} bytes`).toBeUndefined();
    for (let at = 0; at < whole.length; at++) {
      const changed = Buffer.from(whole);
      changed.writeUInt8(changed.readUInt8(at) ^ 1, at);
      expect(readStoredGzip(changed), `byte ${at}`).toBeUndefined();
    }
    expect(readStoredGzip(Buffer.concat([whole, whole]))).toBeUndefined();
    expect(readStoredGzip(gzipSync('some bytes'))).toBeUndefined();
  });
});
