// Core files from checkpoints that are made by hand: what is in them, what is not, and when there is none.
import {
  existsSync,
  mkdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { encodePagemap, FdTypes, ImageSet, PAGE_SIZE, writeImageSync } from '@criu/images';
import { describe, expect, it } from 'vitest';
import { encodeHeaders, headersSize, PT_LOAD } from '../src/coredump/elf.js';
import { CoreDumpError, dumpableProcesses, writeCore } from '../src/index.js';
import { fown, mmNumbers, PARENT, PRESENT, run, sound, vma } from './checkpoint.js';
import { loadsOf, notesOf } from './core-file.js';
import { bundleCrit, run as runCommand, scratch } from './support.js';

const LAZY = 2;
const START = 0x10000n;
const page = (letter: string) => Buffer.alloc(PAGE_SIZE, letter);

const general = Object.fromEntries(
  'r15 r14 r13 r12 bp bx r11 r10 r9 r8 ax cx dx si di orig_ax ip cs flags sp ss fs_base gs_base ds es fs gs'
    .split(' ')
    .map((name, index) => [name, BigInt(index + 1)]),
);
const floating = { cwd: 0x37f, swd: 1, twd: 2, fop: 3, rip: 4n, rdp: 5n, mxcsr: 0x1f80, mxcsr_mask: 0xffff };
const thread = (more: object = {}) => ({
  mtype: 1,
  thread_info: {
    clear_tid_addr: 0n,
    gpregs: general,
    fpregs: { ...floating, xsave: { xstate_bv: 7n, ymmh_space: new Array(64).fill(7) } },
  },
  thread_core: { futex_rla: 0n, futex_rla_len: 0, blk_sigset: 0x40n, sched_nice: -5 },
  ...more,
});
const tc = { task_state: 1, exit_code: 0, personality: 0, flags: 0x400000, blk_sigset: 0n, comm: 'sound' };

interface Made {
  readonly vmas?: readonly object[];
  readonly runs?: ReturnType<typeof run>[];
  readonly pages?: Buffer;
  readonly mm?: object;
  readonly core?: object;
}

/** A process with registers, the given mappings and pages. */
function checkpoint({
  vmas = [vma(START, 0x18000n)],
  runs = [],
  pages = Buffer.alloc(0),
  mm,
  core,
}: Made = {}) {
  const { dir, set } = sound();
  writeImageSync(set.path('core-1.img'), 'CORE', [{ entry: { ...thread({ tc }), ...core } as never }]);
  writeImageSync(set.path('mm-1.img'), 'MM', [
    { entry: { ...mmNumbers, exe_file_id: 1, vmas, ...mm } as never },
  ]);
  writeFileSync(set.path('pagemap-1.img'), encodePagemap({ pages_id: 1 }, runs));
  writeFileSync(set.path('pages-1.img'), pages);
  return { dir, set: new ImageSet(dir), core: join(scratch(), 'core') };
}

/** A mapping of a file of its own, whose entry has the id 9. */
function fileMapping(name: string, more: object = {}, entry: object = {}) {
  const at = (set: ImageSet) =>
    writeImageSync(set.path('files.img'), 'FILES', [
      { entry: { type: FdTypes.REG, id: 9, reg: { id: 9, flags: 0, pos: 0n, fown, name, ...entry } } },
      { entry: { type: FdTypes.REG, id: 1, reg: { id: 1, flags: 0, pos: 0n, fown, name: '/' } } },
    ]);
  return { at, vma: { ...vma(START, 0x13000n), prot: 1, flags: 2, status: 0x41, shmid: 9n, ...more } };
}

describe('the notes of a core file', () => {
  it('have registers, signals, names and the auxiliary vector', () => {
    const siginfo = Buffer.alloc(128);
    siginfo.writeInt32LE(10);
    const made = checkpoint({
      runs: [run(16, 1, PRESENT)],
      pages: Buffer.concat([Buffer.from('./a.out\0with words\0'), Buffer.alloc(PAGE_SIZE)], PAGE_SIZE),
      mm: { mm_arg_start: START, mm_arg_end: START + 19n, mm_saved_auxv: [6n, 4096n, 0n, 0n, 0n, 0n] },
      core: { tc: { ...tc, task_state: 3, signals_s: { signals: [{ siginfo }] } } },
    });
    expect(writeCore(made.set, 1, made.core)).toMatchObject({ pid: 1, threads: 1, warnings: [] });
    const notes = notesOf(readFileSync(made.core));
    expect(notes.map(({ owner, type, data }) => [owner, type, data.length])).toEqual([
      ['CORE', 3, 136],
      ['CORE', 1, 336],
      ['CORE', 2, 512],
      ['LINUX', 0x202, 832],
      ['CORE', 0x53494749, 128],
      ['CORE', 6, 32],
      ['CORE', 0x46494c45, 16],
    ]);
    const [info, status, floats, extended, , auxv] = notes.map(({ data }) => data);
    expect(info?.toString('latin1', 1, 2)).toBe('T');
    expect(info?.readInt8(3)).toBe(-5);
    expect(info?.readBigUInt64LE(8)).toBe(0x400000n);
    expect(info?.toString('latin1', 40, 46)).toBe('sound\0');
    expect(info?.toString('latin1', 56, 76)).toBe('./a.out with words \0');
    expect(status?.readBigUInt64LE(16)).toBe(1n << 9n);
    expect(status?.readBigUInt64LE(24)).toBe(0x40n);
    for (let index = 0; index < 27; index++)
      expect(status?.readBigUInt64LE(112 + index * 8)).toBe(BigInt(index + 1));
    expect(floats?.readUInt32LE(24)).toBe(0x1f80);
    // XCR0: x87, SSE and AVX.
    expect(extended?.readBigUInt64LE(464)).toBe(7n);
    expect(extended?.readUInt32LE(576)).toBe(7);
    expect([0, 8, 16, 24].map((at) => auxv?.readBigUInt64LE(at))).toEqual([6n, 4096n, 0n, 0n]);
  });

  it('name mapped files, those that were deleted as the kernel does', () => {
    const mapping = fileMapping('/gone', { pgoff: 0x2000n });
    const made = checkpoint({ vmas: [mapping.vma] });
    mapping.at(made.set);
    writeImageSync(made.set.path('remap-fpath.img'), 'REMAP_FPATH', [
      { entry: { orig_id: 9, remap_id: 3, remap_type: 1 } },
    ]);
    writeCore(made.dir, 1, made.core);
    const files = notesOf(readFileSync(made.core)).find(({ type }) => type === 0x46494c45)?.data;
    expect([0, 8, 16, 24, 32].map((at) => files?.readBigUInt64LE(at))).toEqual([
      1n,
      4096n,
      START,
      0x13000n,
      2n,
    ]);
    expect(files?.toString('latin1', 40)).toBe('/gone (deleted)\0');
  });
});

describe('the memory of a core file', () => {
  it('has stored pages, those of parents, and zeros for what was never touched', () => {
    const made = checkpoint({ runs: [run(17, 1, PRESENT), run(19, 1, PARENT)], pages: page('b') });
    const parent = checkpoint({ runs: [run(19, 1, PRESENT)], pages: page('d') });
    symlinkSync(parent.dir, join(made.dir, 'parent'));
    writeCore(made.set, 1, made.core);
    const core = readFileSync(made.core);
    const [load, ...more] = loadsOf(core);
    expect(more).toEqual([]);
    expect(load).toMatchObject({
      type: PT_LOAD,
      flags: 6,
      address: START,
      memorySize: 0x8000n,
      fileSize: 0x8000,
    });
    const expected = Buffer.alloc(0x8000);
    expected.fill('b', 0x1000, 0x2000).fill('d', 0x3000, 0x4000);
    expect(core.subarray(load?.offset).equals(expected)).toBe(true);
  });

  it('lacks what was left to be fetched later, says so, and reads no zeros there', () => {
    const made = checkpoint({ runs: [run(17, 1, PRESENT), run(18, 2, LAZY)], pages: page('b') });
    const { warnings } = writeCore(made.set, 1, made.core);
    expect(warnings).toEqual([expect.stringMatching(/^8192 bytes were left to be fetched later/)]);
    expect(
      loadsOf(readFileSync(made.core)).map((load) => [load.address, load.memorySize, load.fileSize]),
    ).toEqual([
      [START, 0x2000n, 0x2000],
      [0x12000n, 0x2000n, 0],
      [0x14000n, 0x4000n, 0x4000],
    ]);
  });

  it('leaves out what was marked with MADV_DONTDUMP, what may not be read, and the vvar pages', () => {
    const vmas = [
      { ...vma(0x10000n, 0x11000n), madv: 1n << 16n },
      { ...vma(0x11000n, 0x12000n), prot: 0 },
      { ...vma(0x12000n, 0x13000n), status: 0x1001 },
      // Written to before its protection was taken away.
      { ...vma(0x13000n, 0x14000n), prot: 0 },
      // A guard region in the last one.
      { ...vma(0x13000n, 0x14000n), prot: 0, status: 0x10201 },
    ];
    const made = checkpoint({
      vmas,
      runs: [run(16, 1, PRESENT), run(19, 1, PRESENT)],
      pages: Buffer.concat([page('a'), page('d')]),
    });
    writeCore(made.set, 1, made.core);
    const core = readFileSync(made.core);
    const loads = loadsOf(core);
    expect(loads.map(({ fileSize }) => fileSize)).toEqual([0, 0, 0, 0x1000]);
    expect(core.subarray(loads[3]?.offset, (loads[3]?.offset ?? 0) + 1).toString()).toBe('d');
  });

  it('has no place for more than a gigabyte that was never touched, as of address sanitizers', () => {
    const TERA = 1n << 40n;
    const end = START + 16n * TERA;
    const made = checkpoint({ vmas: [vma(START, end)], runs: [run(16, 1, PRESENT)], pages: page('a') });
    expect(writeCore(made.set, 1, made.core).size).toBeLessThan(1 << 20);
    expect(
      loadsOf(readFileSync(made.core)).map((load) => [load.address, load.memorySize, load.fileSize]),
    ).toEqual([
      [START, 0x1000n, 0x1000],
      [0x11000n, 16n * TERA - 0x1000n, 0],
    ]);
  });

  it('has the content of mapped files under the pages that the process has changed, of text the first page', () => {
    const root = scratch();
    writeFileSync(join(root, 'lib'), Buffer.concat([page('0'), page('1'), page('2')]));
    const data = fileMapping('/lib', { prot: 3 });
    const text = { ...data.vma, start: 0x20000n, end: 0x22000n, prot: 5, pgoff: 0x1000n };
    const made = checkpoint({
      vmas: [data.vma, text],
      runs: [run(17, 1, PRESENT)],
      pages: Buffer.alloc(PAGE_SIZE),
    });
    data.at(made.set);
    expect(writeCore(made.set, 1, made.core, { root }).warnings).toEqual([]);
    const core = readFileSync(made.core);
    const loads = loadsOf(core);
    const bytes = (index: number) => {
      const { offset, fileSize } = loads[index] ?? { offset: 0, fileSize: 0 };
      return core.subarray(offset, offset + fileSize);
    };
    // The page of zeros is the process's, too.
    expect(bytes(0).equals(Buffer.concat([page('0'), Buffer.alloc(PAGE_SIZE), page('2')]))).toBe(true);
    expect(bytes(1).equals(page('1'))).toBe(true);
  });

  it.each([
    ['is gone', undefined, /can not be opened: ENOENT/],
    ['has changed', 'short', /has changed: 5 bytes, and it had 12288/],
  ])('has only what the images have when a mapped file %s', (_, content, reason) => {
    const root = scratch();
    if (content !== undefined) writeFileSync(join(root, 'lib'), content);
    const mapping = fileMapping('/lib', {}, { size: 12288n });
    const made = checkpoint({ vmas: [mapping.vma], runs: [run(17, 1, PRESENT)], pages: page('p') });
    mapping.at(made.set);
    expect(writeCore(made.set, 1, made.core, { root }).warnings).toEqual([expect.stringMatching(reason)]);
    expect(loadsOf(readFileSync(made.core)).map(({ fileSize }) => fileSize)).toEqual([0, 0x1000, 0]);
  });

  it.each(['whole', 'in chunks'])('has the content of deleted files, kept %s', (how) => {
    const content = Buffer.concat([page('g'), Buffer.alloc(PAGE_SIZE), page('h')]);
    const mapping = fileMapping('/gone');
    const made = checkpoint({ vmas: [mapping.vma] });
    mapping.at(made.set);
    writeImageSync(made.set.path('remap-fpath.img'), 'REMAP_FPATH', [
      { entry: { orig_id: 9, remap_id: 0x1f, remap_type: 1 } },
    ]);
    const ghost = { uid: 0, gid: 0, mode: 0o100600 };
    const pieces = [
      { entry: { len: 4096n, off: 0n }, payload: page('g') },
      { entry: { len: 4096n, off: 8192n }, payload: page('h') },
    ];
    writeImageSync(
      made.set.path('ghost-file-1f.img'),
      'GHOST_FILE',
      (how === 'whole'
        ? [{ entry: ghost, payload: content }]
        : [{ entry: { ...ghost, chunks: true, size: 12288n } }, ...pieces]) as never,
    );
    expect(writeCore(made.set, 1, made.core).warnings).toEqual([]);
    const core = readFileSync(made.core);
    expect(core.subarray(loadsOf(core)[0]?.offset).equals(content)).toBe(true);
  });

  it('takes the number of more than 65534 program headers to a section header', () => {
    const header = { type: PT_LOAD, flags: 4, offset: 0, address: 0n, fileSize: 0, memorySize: 0n, align: 1 };
    const headers = encodeHeaders(new Array(70_000).fill(header));
    expect(headers.length).toBe(headersSize(70_000));
    expect(headers.readUInt16LE(56)).toBe(0xffff);
    const section = Number(headers.readBigUInt64LE(40));
    expect(headers.readUInt32LE(section + 44)).toBe(70_000);
  });

  it('passes through less than 100 MiB, however large', async () => {
    const pages = 1 << 17;
    const made = checkpoint({
      vmas: [vma(START, START + BigInt(pages * PAGE_SIZE))],
      runs: [run(16, pages, PRESENT)],
      pages: page('a'),
    });
    // Most of the pages image is a hole; its bytes are read all the same.
    truncateSync(made.set.path('pages-1.img'), pages * PAGE_SIZE);
    const bundle = join(await place(), 'dist');
    const measure = `const { load } = require(process.argv[1] + '/launcher.cjs');
      load(process.argv[1], 'crit', 'none').run(process.argv.slice(2))
        .then(() => console.log('peak', process.resourceUsage().maxRSS));`;
    const { text, stderr } = runCommand(process.execPath, [
      '-e',
      measure,
      bundle,
      'core',
      made.dir,
      '-o',
      made.core,
    ]);
    expect(stderr).toBe('');
    expect(Number(/peak (\d+)/.exec(text)?.[1])).toBeLessThan(100 << 10);
    const { size, blocks } = statSync(made.core);
    expect(size).toBeGreaterThan(pages * PAGE_SIZE);
    expect(blocks * 512).toBeLessThan(1 << 20);
  });
});

/** A directory with the command as the package has it. */
async function place(): Promise<string> {
  const dir = scratch();
  await bundleCrit(dir);
  return dir;
}

describe('no core file', () => {
  it('of a process that is not there, of a zombie, or of a 32-bit one, and nothing is written', () => {
    const made = checkpoint({
      core: { thread_info: { ...thread().thread_info, gpregs: { ...general, mode: 2 } } },
    });
    expect(() => writeCore(made.set, 1, made.core)).toThrow(/process 1: it is a 32-bit process/);
    expect(() => writeCore(made.set, 7, made.core)).toThrow(CoreDumpError);
    const zombie = checkpoint({ core: { tc: { ...tc, task_state: 2 }, thread_info: undefined } });
    expect(() => writeCore(zombie.set, 1, made.core)).toThrow(/zombie/);
    expect(dumpableProcesses(zombie.set)).toEqual([]);
    expect(existsSync(made.core)).toBe(false);
  });

  it('is left half written when pages are missing', () => {
    const made = checkpoint({ runs: [run(16, 2, PRESENT)], pages: page('a') });
    expect(() => writeCore(made.set, 1, made.core)).toThrow(/ends before this page/);
    expect(existsSync(made.core)).toBe(false);
  });

  it('goes to a device or a pipe', () => {
    expect(() => writeCore(checkpoint().set, 1, '/dev/null')).toThrow(/no regular file/);
    expect(existsSync('/dev/null')).toBe(true);
  });
});

describe('the commands', () => {
  it('crit core and criu-coredump write core.PID, for the owner alone', async () => {
    const dir = await place();
    const made = checkpoint({ runs: [run(16, 1, PRESENT)], pages: page('a') });
    const out = join(dir, 'out');
    mkdirSync(out);
    const crit = runCommand(join(dir, 'bin', 'crit.cjs'), ['core', made.dir, '-o', `${out}/`]);
    expect(crit.text).toMatch(/core\.1: process 1, 1 thread, 36 KiB\n/);
    const first = readFileSync(join(out, 'core.1'));
    expect(statSync(join(out, 'core.1')).mode & 0o777).toBe(0o600);
    const same = runCommand(join(dir, 'bin', 'criu-coredump.cjs'), ['-i', made.dir, '-p', '1', '-o', out]);
    expect([same.status, same.text, same.stderr]).toEqual([0, '', '']);
    expect(readFileSync(join(out, 'core.1')).equals(first)).toBe(true);
    const named = runCommand(join(dir, 'bin', 'crit.cjs'), [
      'core',
      made.dir,
      '-p',
      '1',
      '-o',
      join(out, 'name'),
    ]);
    expect(named.status).toBe(0);
    expect(readFileSync(join(out, 'name')).equals(first)).toBe(true);
    const none = runCommand(join(dir, 'bin', 'criu-coredump.cjs'), ['-i', made.dir, '-p', '77', '-o', out]);
    expect([none.status, none.stderr]).toEqual([
      1,
      'crit: process 77: it is not in the checkpoint\n  `crit x DIR ps` lists the processes [core]\n',
    ]);
    const wrong = runCommand(join(dir, 'bin', 'criu-coredump.cjs'), ['--nonsense']);
    expect(wrong.status).toBe(1);
  });
});
