// The FXSAVE area, byte by byte.
import { describe, expect, it } from 'vitest';
import { FXSAVE_SIZE, fxsaveArea } from '../src/index.js';

describe('an FXSAVE area', () => {
  const fp = {
    ...{ cwd: 0x137f, swd: 0x1234, twd: 0xff, fop: 0x5678, rip: 0x1122334455667788n, rdp: 2n ** 64n - 1n },
    ...{ mxcsr: 0x1f80, mxcsr_mask: 0xffffffff },
    st_space: Array.from({ length: 32 }, (_, i) => i + 1),
    xmm_space: Array.from({ length: 64 }, (_, i) => 0x80000000 + i),
    padding: [],
  };

  it('has each register at its place', () => {
    const area = fxsaveArea(fp);
    expect(area).toHaveLength(FXSAVE_SIZE);
    expect(area.toString('hex', 0, 32)).toBe(
      '7f133412ff0078568877665544332211ffffffffffffffff801f0000ffffffff',
    );
    expect([area.readUInt32LE(32), area.readUInt32LE(156)]).toEqual([1, 32]);
    expect([area.readUInt32LE(160), area.readUInt32LE(412)]).toEqual([0x80000000, 0x8000003f]);
    expect(area.subarray(416).every((byte) => byte === 0)).toBe(true);
  });

  it('keeps what an image has too much or too little of inside of its bounds', () => {
    const much = fxsaveArea({ ...fp, st_space: new Array(500).fill(7), xmm_space: new Array(500).fill(-1) });
    expect(much).toHaveLength(FXSAVE_SIZE);
    expect([much.readUInt32LE(156), much.readUInt32LE(160)]).toEqual([7, 0xffffffff]);
    expect(much.subarray(416).every((byte) => byte === 0)).toBe(true);
    expect(fxsaveArea({ ...fp, st_space: [], xmm_space: [] }).readUInt32LE(32)).toBe(0);
  });
});
