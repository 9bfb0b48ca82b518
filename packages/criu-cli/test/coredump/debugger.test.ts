// What a debugger finds in the core files of a dump: as much as in one that gcore(1) makes of the live process.
import { execFileSync, type SpawnSyncReturns, spawn, spawnSync } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { writeCore } from '@criu/crit';
import { afterAll, describe, expect, it } from 'vitest';
import { type CoreNote, notesOf } from '../../../crit/test/core-file.js';
import { dump } from '../../src/operations.js';
import { cleanUp, isRoot, peer, scratch, Victim } from '../dump/victim.js';
import { freshDir, until } from '../support.js';

afterAll(cleanUp);

const works = (command: string, ...args: string[]) => spawnSync(command, args).status === 0;
const hasGdb = works('gdb', '--version') && works('readelf', '--version');

const NT = { PRSTATUS: 1, FPREGSET: 2, AUXV: 6, FILE: 0x46494c45, XSTATE: 0x202 };

/** Compiled for debugging. */
function startThreads(env: Record<string, string> = {}): Promise<Victim> {
  const source = fileURLToPath(new URL('victims/threads.c', import.meta.url));
  const program = join(scratch(), 'threads-debug');
  if (!existsSync(program)) execFileSync('cc', ['-O0', '-g', '-w', '-pthread', '-o', program, source]);
  return Victim.start('threads', env, new URL('victims/threads.c', import.meta.url), [
    '/bin/sh',
    '-c',
    `exec ${program} "one word" two`,
  ]);
}

function gdb(core: string, program: string, ...commands: string[]): string {
  const answer: SpawnSyncReturns<string> = spawnSync(
    'gdb',
    ['-q', '-nx', '-batch', ...commands.flatMap((command) => ['-ex', command]), program, core],
    { encoding: 'utf8', maxBuffer: 1 << 26, timeout: 120_000, env: { ...process.env, DEBUGINFOD_URLS: '' } },
  );
  return answer.stdout + answer.stderr;
}

async function coreOf(pid: number): Promise<{ core: string; images: string }> {
  const images = freshDir();
  await dump({ pid, imagesDir: images, leaveRunning: true });
  const core = join(images, 'core');
  expect(writeCore(images, pid, core).warnings).toEqual([]);
  return { core, images };
}

const dataOf = (notes: readonly CoreNote[], type: number) =>
  notes.filter((note) => note.type === type).map(({ data }) => data);

/** NT_FILE as a list of mappings; gcore counts offsets in bytes, the kernel in pages. */
function filesOf(notes: readonly CoreNote[]): string[] {
  const [data] = dataOf(notes, NT.FILE);
  if (data === undefined) return [];
  const [count, unit] = [Number(data.readBigUInt64LE(0)), data.readBigUInt64LE(8)];
  const names = data.toString('utf8', 16 + count * 24).split('\0');
  return Array.from({ length: count }, (_, index) => {
    const [start, end, offset] = [0, 8, 16].map((at) => data.readBigUInt64LE(16 + index * 24 + at));
    return `${start?.toString(16)}-${end?.toString(16)} ${(offset ?? 0n) * unit} ${names[index]}`;
  });
}

describe.skipIf(!isRoot || !hasGdb)('a core file of a dump (needs root, gdb and readelf)', () => {
  it('shows all threads with their locals, vector registers and memory, as gcore does of the live process', async () => {
    const victim = await startThreads();
    try {
      const { core } = await coreOf(victim.pid);
      const live = join(scratch(), 'live');
      execFileSync('gcore', ['-o', live, String(victim.pid)], { stdio: 'pipe' });
      const program = readlinkSync(`/proc/${victim.pid}/exe`);
      const ask = [
        'thread apply all bt full',
        'thread apply all info registers rsp rbp rbx r12 fs_base',
        'thread apply all p $ymm5.v4_int64',
        'thread 1',
        'frame function main',
        'p heap',
        'x/s shared + 4096',
        'info sharedlibrary',
      ];
      const own = gdb(core, program, ...ask);
      expect(own).toContain('one word two');
      expect(own).toContain('"kept on the heap"');
      expect(own).toContain('"kept in shared memory"');
      for (const level of [0, 1, 2, 3]) expect(own).toContain(`local = ${7000 + level}`);
      expect(own).toContain('asleep = 8');
      if (/\bavx2\b/.test(readFileSync('/proc/cpuinfo', 'utf8')))
        expect(own.match(/\{1234605616436477959(, 1234605616436477959){3}\}/g)).toHaveLength(1);
      // A system call that was interrupted is made again: its instruction is the next one, and is so in images.
      const plain = (text: string) =>
        text
          .split('\n')
          .filter((line) =>
            /^#[1-9]|local = |asleep = |^(rsp|rbp|rbx|r12|fs_base)|^\$|kept |^0x.*\.so/.test(line),
          )
          .join('\n');
      expect(plain(own)).toBe(plain(gdb(`${live}.${victim.pid}`, program, ...ask)));
      expect(plain(own).split('\n').length).toBeGreaterThan(30);
    } finally {
      await victim.end();
    }
  });

  it('has the notes that gcore writes of the live process', async () => {
    const victim = await startThreads();
    try {
      const { core } = await coreOf(victim.pid);
      const live = join(scratch(), 'live-notes');
      execFileSync('gcore', ['-o', live, String(victim.pid)], { stdio: 'pipe' });
      const own = notesOf(readFileSync(core));
      const theirs = notesOf(readFileSync(`${live}.${victim.pid}`)).filter(({ owner }) => owner !== 'GDB');
      const shape = (notes: readonly CoreNote[]) =>
        notes.map(({ owner, type, data }) => [owner, type, type === NT.FILE ? 0 : data.length]);
      expect(shape(own)).toEqual(shape(theirs));
      expect(dataOf(own, NT.AUXV)).toEqual(dataOf(theirs, NT.AUXV));
      expect(filesOf(own)).toEqual(filesOf(theirs));
      expect(filesOf(own).length).toBeGreaterThan(5);
      // Of the thread that spins; the others are in a system call.
      const registers = (notes: readonly CoreNote[]) =>
        dataOf(notes, NT.PRSTATUS).map((data) => [data.readInt32LE(32), data.readBigUInt64LE(112 + 19 * 8)]);
      expect(registers(own)).toEqual(registers(theirs));
      expect(execFileSync('readelf', ['-n', core], { stdio: 'pipe' }).toString()).toMatch(
        /NT_PRSTATUS[\s\S]*NT_FILE/,
      );
    } finally {
      await victim.end();
    }
  });

  it.each([
    [
      'python3',
      [
        '-c',
        'import threading,time\nthreading.Thread(target=time.sleep,args=(99,)).start()\nopen(WHERE,"w")\ntime.sleep(99)',
      ],
      /sleep/,
    ],
    ['node', ['-e', 'require("fs").writeFileSync(WHERE,"");setInterval(()=>{},50)'], /uv_run|epoll|node/],
  ])('shows all threads of %s', async (program, args, expected) => {
    if (!works(program, '--version')) return;
    const ready = join(scratch(), `${program}.ready`);
    const out = openSync(join(scratch(), `${program}.out`), 'a');
    const words = args.map((word) => word.replace('WHERE', JSON.stringify(ready)));
    const child = spawn(program, words, { detached: true, stdio: ['ignore', out, out] });
    const pid = child.pid ?? 0;
    try {
      await until(`${program} runs`, () => existsSync(ready));
      const threads = readdirSync(`/proc/${pid}/task`).length;
      const { core } = await coreOf(pid);
      const text = gdb(core, readlinkSync(`/proc/${pid}/exe`), 'thread apply all bt');
      expect(text.match(/^Thread \d+ /gm)).toHaveLength(threads);
      // Each goes down to where threads begin.
      expect(text.match(/^#\d+ .* (clone3|_start|main|__clone) \(/gm)?.length).toBeGreaterThanOrEqual(
        threads,
      );
      expect(text).toMatch(expected);
    } finally {
      process.kill(pid, 'SIGKILL');
      await until('it is gone', () => child.exitCode !== null || child.signalCode !== null);
    }
  });
});

describe.skipIf(!isRoot || !works('java', '-version') || !works('javac', '-version') || !hasGdb)(
  'a core file of Java (needs root, gdb and a JDK)',
  () => {
    it('shows all threads', async () => {
      const dir = join(scratch(), 'java');
      mkdirSync(dir);
      writeFileSync(
        join(dir, 'Sleeper.java'),
        `public class Sleeper { public static void main(String[] args) throws Exception {
          new java.io.File(args[0]).createNewFile(); Thread.sleep(100000); } }`,
      );
      execFileSync('javac', ['Sleeper.java'], { cwd: dir });
      const ready = join(dir, 'ready');
      const out = openSync(join(dir, 'out'), 'a');
      const words = ['-Xmx64m', '-XX:+UseSerialGC', '-cp', dir, 'Sleeper', ready];
      const child = spawn('java', words, { detached: true, stdio: ['ignore', out, out] });
      const pid = child.pid ?? 0;
      try {
        await until('java runs', () => existsSync(ready), 40_000);
        const { core } = await coreOf(pid);
        const threads = readdirSync(`/proc/${pid}/task`).length;
        const text = gdb(core, readlinkSync(`/proc/${pid}/exe`), 'info threads');
        expect(text.match(/^\*? +\d+ +Thread/gm)).toHaveLength(threads);
      } finally {
        process.kill(pid, 'SIGKILL');
        await until('it is gone', () => child.exitCode !== null || child.signalCode !== null);
      }
    });
  },
);

const tree = peer === undefined ? '' : join(dirname(peer), '..');
const tool = join(tree, 'coredump', 'coredump');
const python = ['/usr/bin/python3', 'python3'].find((name) => works(name, '-c', 'import google.protobuf'));

describe.skipIf(!isRoot || !peer || !existsSync(tool) || python === undefined)(
  "CRIU's coredump (needs root, CRIU_PEER in its source tree, and Python's protobuf)",
  () => {
    it('has the same notes of the same images', async () => {
      // CRIU's tool takes shared anonymous memory for a file, and ends.
      const victim = await startThreads({ ALONE: '1' });
      try {
        const images = freshDir();
        execFileSync(peer ?? '', [
          'dump',
          '-t',
          String(victim.pid),
          '-D',
          images,
          '--leave-running',
          '-o',
          'log',
        ]);
        const theirs = join(scratch(), 'theirs');
        mkdirSync(theirs);
        const made = spawnSync(python ?? '', [tool, '-i', images, '-o', theirs], {
          env: { ...process.env, PYTHONPATH: join(tree, 'lib') },
          encoding: 'utf8',
        });
        if (made.status !== 0) throw new Error(made.stderr);
        const core = join(scratch(), 'ours');
        writeCore(images, victim.pid, core);
        const own = notesOf(readFileSync(core));
        const peers = notesOf(readFileSync(join(theirs, `core.${victim.pid}`)));
        const key = ({ owner, type }: CoreNote) => `${owner} ${type}`;
        expect(own.map(key).sort()).toEqual(peers.map(key).sort());
        for (const type of new Set(own.map((note) => note.type))) {
          // Its vectors are pairs that overlap, and its extended state has no more than AVX and no XCR0.
          if (type === NT.AUXV || type === NT.XSTATE || type === NT.FILE) continue;
          expect(dataOf(own, type), String(type)).toEqual(dataOf(peers, type));
        }
        expect(filesOf(own)).toEqual(filesOf(peers));
        dataOf(own, NT.XSTATE).forEach((data, index) => {
          const [mine, other] = [data, dataOf(peers, NT.XSTATE)[index]].map((bytes) => {
            const copy = Buffer.from(bytes?.subarray(0, 832) ?? []);
            return copy.fill(0, 464, 472);
          });
          expect(mine?.equals(other ?? Buffer.alloc(0))).toBe(true);
        });
      } finally {
        await victim.end();
      }
    });
  },
);
