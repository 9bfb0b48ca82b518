// The first look at a request: its type by the outermost fields alone, and the answer to VERSION.
import { CriuReqType, encodeMessage } from '@criu/images';
import { describe, expect, it } from 'vitest';
import { CRIU_VERSION } from '../../src/criu-version.js';
import { FIRST, glance, versionAnswer } from '../../src/rpc/first-request.js';
import { versionResponse } from '../../src/rpc/version.js';

const request = (more: object) => encodeMessage('CriuReq', { type: CriuReqType.VERSION, ...more });

describe('the first request', () => {
  it('has types by the numbers that criu_req_type has', () =>
    expect(FIRST).toEqual({
      dump: CriuReqType.DUMP,
      restore: CriuReqType.RESTORE,
      preDump: CriuReqType.PRE_DUMP,
      version: CriuReqType.VERSION,
    }));

  it.each([
    ['nothing else', {}, false],
    [
      'options',
      { opts: { images_dir_fd: 7, root: 'r'.repeat(200), ext_mnt: [{ key: 'k', val: 'v' }] } },
      false,
    ],
    ['keep_open', { keep_open: true }, true],
    ['keep_open: false', { keep_open: false }, false],
    ['a pid and features', { pid: 70_000, features: { mem_track: true } }, false],
  ])('is seen with %s', (_, more, keepOpen) =>
    expect(glance(request(more))).toEqual({ type: CriuReqType.VERSION, keepOpen }),
  );

  it('is left alone where it is broken, or has no type', () => {
    const whole = request({ opts: { images_dir_fd: 7 } });
    for (const bytes of [
      Buffer.alloc(0),
      whole.subarray(0, -1),
      whole.subarray(2),
      Buffer.from([0x08]),
      Buffer.from([0x08, 0x80, 0x80, 0x80, 0x80, 0x01]),
      Buffer.from([0x0d, 1, 2, 3, 4]),
      Buffer.from([0x08, 0x0a, 0x12, 0xff, 0xff, 0x7f]),
    ])
      expect(glance(bytes)).toBeUndefined();
  });

  it('is answered with what the engine says, too', () =>
    expect(versionAnswer(CRIU_VERSION)).toEqual(encodeMessage('CriuResp', versionResponse())));
});
