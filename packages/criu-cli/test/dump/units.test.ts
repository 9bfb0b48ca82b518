// Parts of the dump that need no task: registers after a system call, build ids, names of images.
import { execFileSync } from 'node:child_process';
import {
  closeSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { REGISTER_NAMES, type Registers, withRegisters } from '@criu/compel';
import { afterAll, describe, expect, it } from 'vitest';
import { fpregsEntry, gpregsEntry, lostComponents, restartedCall } from '../../src/arch/index.js';
import { ImageWriter } from '../../src/images/writer.js';
import { readBuildId } from '../../src/resources/files/regular/build-id.js';

const folder = mkdtempSync(join(tmpdir(), 'criu-units-'));
afterAll(() => rmSync(folder, { recursive: true }));

describe('registers', () => {
  const regs = (changes: Partial<Registers>) =>
    gpregsEntry(withRegisters(Buffer.alloc(REGISTER_NAMES.length * 8), { rip: 0x1002n, ...changes }));

  it.each([512n, 513n, 514n])('make a system call again that ended with -%d', (error) => {
    expect(regs({ orig_rax: 34n, rax: -error })).toMatchObject({ ax: 34n, ip: 0x1000n, orig_ax: 34n });
  });

  it('make a sleep again for what is left of it, where the kernel has written that', () => {
    const again = { rax: -516n, rdi: 0x20n, rsi: 0x28n, rdx: 0x30n, r10: 0x38n };
    const made = { ip: 0x1000n, si: 0x28n, r10: 0x38n };
    expect(regs({ ...again, orig_rax: 35n })).toMatchObject({ ...made, ax: 35n, di: 0x28n, dx: 0x30n });
    expect(regs({ ...again, orig_rax: 230n })).toMatchObject({ ...made, ax: 230n, di: 0x20n, dx: 0x38n });
  });

  const EINTR = 2n ** 64n - 4n;

  it('sleep for what is left of the time, where that was asked for', () => {
    expect(regs({ orig_rax: 35n, rax: -516n, rdi: 7n })).toMatchObject({ ax: 35n, ip: 0x1000n, di: 7n });
    expect(regs({ orig_rax: 35n, rax: -516n, rdi: 7n, rsi: 8n })).toMatchObject({ ax: 35n, di: 8n });
    expect(regs({ orig_rax: 230n, rax: -516n, rdx: 7n })).toMatchObject({ ax: 230n, dx: 7n });
    expect(regs({ orig_rax: 230n, rax: -516n, rdx: 7n, r10: 8n })).toMatchObject({ ax: 230n, dx: 8n });
  });

  it('wait once more where the kernel alone knows for how long', () => {
    expect(regs({ orig_rax: 7n, rax: -516n, rdx: 100n })).toMatchObject({ ax: 7n, ip: 0x1000n, dx: 100n });
    expect(regs({ orig_rax: 202n, rax: -516n })).toMatchObject({ ax: 202n, ip: 0x1000n });
  });

  it('end with EINTR when not even the system call is known any more', () => {
    expect(regs({ orig_rax: 219n, rax: -516n })).toMatchObject({ ax: EINTR, ip: 0x1002n });
  });

  describe('of a thread that was interrupted before', () => {
    const again = { orig_rax: 219n, rax: -516n };
    const MEMORY = 0x10000n;
    const time = Buffer.alloc(64);
    time.writeBigInt64LE(7n, 0);
    const call = (changes: Partial<Registers>, code = Buffer.alloc(32)) =>
      restartedCall(
        withRegisters(Buffer.alloc(REGISTER_NAMES.length * 8), { rip: 0x1022n, ...again, ...changes }),
        (at, length) => {
          if (at === 0x1000n) return code.subarray(0, length);
          return at >= MEMORY && at < MEMORY + 0x1000n ? time.subarray(0, length) : undefined;
        },
      );

    it('name the call that its code has loaded last', () => {
      const code = Buffer.from('b8ca00000090b8070000004889c7'.padEnd(64, '9'), 'hex');
      expect(call({}, code)).toBe(7);
      expect(call({ orig_rax: 7n }, code)).toBe(undefined);
      expect(
        gpregsEntry(
          withRegisters(Buffer.alloc(REGISTER_NAMES.length * 8), { rip: 0x1022n, ...again }),
          'none',
          7,
        ),
      ).toMatchObject({ ax: 7n, ip: 0x1020n });
    });

    it.each([
      [35, { rdi: MEMORY, rsi: 0n }],
      [35, { rdi: MEMORY, rsi: MEMORY }],
      [230, { rdi: 1n, rsi: 0n, rdx: MEMORY, r10: 0n }],
      [7, { rdi: MEMORY, rsi: 1n, rdx: 5000n }],
      [7, { rdi: 0n, rsi: 0n, rdx: 5000n }],
      [202, { rdi: MEMORY, rsi: 128n, rdx: 0n, r10: MEMORY }],
      // A word that waits for 0 may look like a time.
      [undefined, { rdi: MEMORY, rsi: 0n, rdx: 7n, r10: MEMORY }],
      [undefined, { rdi: 1n, rsi: 0n, rdx: 0n }],
    ])('name call %s, if its arguments can be of no other', (number, registers) => {
      expect(call(registers)).toBe(number);
    });
  });

  it.each([
    ['restarts', 512n, true],
    ['interrupts', 512n, false],
    ['restarts', 514n, false],
    ['restarts', 516n, false],
    ['interrupts', 513n, true],
  ] as const)('do as the kernel does when the handler that runs first %s (-%d)', (first, error, again) => {
    const bytes = withRegisters(Buffer.alloc(REGISTER_NAMES.length * 8), {
      rip: 0x1002n,
      orig_rax: 35n,
      rax: -error,
    });
    expect(gpregsEntry(bytes, first)).toMatchObject(
      again ? { ax: 35n, ip: 0x1000n } : { ax: EINTR, ip: 0x1002n },
    );
  });

  it('stay as they are outside of a system call', () => {
    expect(regs({ orig_rax: -1n, rax: -514n })).toMatchObject({ ax: 2n ** 64n - 514n, ip: 0x1002n });
  });
});

describe('the XSAVE area', () => {
  const area = Buffer.alloc(1088);
  area.writeUInt16LE(0x37f, 0);
  area.writeUInt32LE(0x1f80, 24);
  area.writeUInt32LE(7, 160);
  area.writeBigUInt64LE(0x27n, 512);
  area.writeUInt32LE(9, 576);
  area.writeBigUInt64LE(11n, 832);

  it('tells what would be lost of it', () => {
    const tiles = Buffer.from(area);
    expect(lostComponents(tiles)).toEqual([]);
    tiles.writeBigUInt64LE((1n << 18n) | (1n << 17n) | 0xe7n, 512);
    expect(lostComponents(tiles)).toEqual([17, 18]);
    expect(lostComponents(tiles.subarray(0, 512))).toEqual([]);
  });

  it('is split into components by the layout of the CPU', () => {
    const components = [
      { bit: 2, offset: 576, size: 256 },
      { bit: 5, offset: 832, size: 64 },
      { bit: 7, offset: 4000, size: 64 },
    ];
    const entry = fpregsEntry(area, { shstk: false, components });
    expect(entry).toMatchObject({ cwd: 0x37f, mxcsr: 0x1f80 });
    expect(entry.xmm_space?.[0]).toBe(7);
    expect(entry.xsave?.xstate_bv).toBe(0x27n);
    expect(entry.xsave?.ymmh_space?.[0]).toBe(9);
    expect(entry.xsave?.opmask_reg?.[0]).toBe(11n);
    // What the area is too short for is left out.
    expect(entry.xsave?.hi16_zmm).toBeUndefined();
    expect(entry.xsave?.cet).toBeUndefined();
  });

  it('has zeros for a component in its initial state, whatever the bytes are', () => {
    const initial = Buffer.from(area);
    initial.writeBigUInt64LE(0x3n, 512);
    const components = [{ bit: 2, offset: 576, size: 256 }];
    expect(fpregsEntry(initial, { shstk: false, components }).xsave?.ymmh_space).toEqual(
      new Array(64).fill(0),
    );
  });

  it('has no extended part on a CPU without XSAVE', () => {
    expect(fpregsEntry(area.subarray(0, 512), { shstk: false, components: [] }).xsave).toBeUndefined();
  });
});

describe('a build id', () => {
  const idOf = (path: string): number[] => {
    const fd = openSync(path, 'r');
    try {
      return readBuildId(fd);
    } finally {
      closeSync(fd);
    }
  };

  it('is that of the note that the linker made', () => {
    const source = join(folder, 'a.c');
    writeFileSync(source, 'int main(void) { return 0; }');
    const program = join(folder, 'a');
    execFileSync('cc', ['-Wl,--build-id=0x0102030405', '-o', program, source]);
    expect(idOf(program)).toEqual([0x04030201, 0x05]);
    execFileSync('cc', ['-Wl,--build-id=none', '-o', program, source]);
    expect(idOf(program)).toEqual([]);
  });

  it('is empty for what is no ELF file, or a broken one', () => {
    const path = join(folder, 'text');
    writeFileSync(path, 'hello');
    expect(idOf(path)).toEqual([]);
    const elf = Buffer.from(readFileSync(process.execPath).subarray(0, 4096));
    for (let at = 16; at < 64; at++) elf[at] = 0xff;
    writeFileSync(path, elf);
    expect(idOf(path)).toEqual([]);
  });
});

describe('an images directory', () => {
  it('belongs to one dump at a time, and is unfinished while it does', () => {
    const dir = join(folder, 'images');
    mkdirSync(dir);
    const first = ImageWriter.claim(dir);
    writeFileSync(join(dir, 'other'), '');
    expect(() => ImageWriter.claim(dir)).toThrow(expect.objectContaining({ code: 'IMAGE_DIR_IN_USE' }));
    first.release();
    writeFileSync(join(dir, 'inventory.img'), 'old');
    ImageWriter.claim(dir).release();
    expect(readdirSync(dir)).toEqual(['other']);
  });

  it('has to be one that is there', () => {
    expect(() => ImageWriter.claim(join(folder, 'no', 'such'))).toThrow(
      expect.objectContaining({ code: 'IMAGE_MISSING' }),
    );
  });

  it('loses what a failed dump wrote', () => {
    const dir = join(folder, 'failed');
    mkdirSync(dir);
    const images = ImageWriter.claim(dir);
    images.add('FS', { cwd_id: 1, root_id: 2 }, { id: 3 });
    images.write();
    closeSync(images.openRaw('pages-1.img'));
    expect(readdirSync(dir).sort()).toEqual(['fs-3.img', 'pages-1.img']);
    images.discard();
    images.release();
    expect(readdirSync(dir)).toEqual([]);
  });
});
