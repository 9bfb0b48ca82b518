// What the commands ask of the engine, print, log, and exit with. The engine is a stand-in.
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, expect, test, vi } from 'vitest';
import { styleFor } from '../../src/cli/style.js';
import { CriuError } from '../../src/errors.js';
import type { DumpOptions } from '../../src/options.js';
import { cleanUp, criu, scratch } from './fake-shell.js';

afterEach(() => {
  vi.useRealTimers();
  cleanUp();
});

test('dump hands over options, log and abort signal', async () => {
  const work = scratch();
  const r = await criu(['dump', '-t', '42', '-D', 'DIR', '-W', work, '-R']);
  expect(r.code).toBe(0);
  const { log, signal, onLazyServer: _, ...options } = r.dumped[0]!;
  expect([log?.level, signal?.aborted]).toEqual([2, false]);
  expect(options).toEqual({
    pid: 42,
    imagesDir: r.dir,
    workDir: work,
    leaveRunning: true,
    stuckSeconds: 60,
  });
  expect(r.chdirs).toEqual([work]);
});

test('restore hands over options, log and abort signal', async () => {
  const r = await criu(['restore', '-D', 'DIR', '-d', '-S', '--pidfile', 'p']);
  const { log, signal, atExit, ...options } = r.restored[0]!;
  expect(atExit).toBeDefined();
  expect([log?.level, signal?.aborted]).toEqual([2, false]);
  expect(options).toEqual({
    imagesDir: r.dir,
    workDir: r.dir,
    detached: true,
    sibling: true,
    pidfile: join(r.dir, 'p'),
  });
});

test('fault points come from the environment', async () => {
  const r = await criu(['dump', '-t', '1', '-D', 'DIR'], { env: { CRIU_FAULT: 'freeze,write' } });
  expect(r.dumped[0]!.faults).toEqual(['freeze', 'write']);
});

test("statistics are printed in CRIU's lines", async () => {
  const d = await criu(['dump', '-t', '42', '-D', 'DIR', '--display-stats']);
  expect(d.out).toBe(
    'Displaying dump stats:\nFreezing time: 101 us\nFrozen time: 20202 us\nMemory dump time: 303 us\n' +
      'Memory write time: 404 us\nIRMAP resolve time: 0 us\nMemory pages scanned: 1000 (0x3e8)\n' +
      'Memory pages skipped from parent: 5 (0x5)\nMemory pages written: 255 (0xff)\nLazy memory pages: 0 (0x0)\n',
  );
  const r = await criu(['restore', '-d', '-D', 'DIR', '--display-stats']);
  expect(r.out).toBe(
    'Displaying restore stats:\nPages compared: 1 (0x1)\nPages skipped COW: 2 (0x2)\n' +
      'Pages restored: 255 (0xff)\nRestore time: 400 us\nForking time: 30 us\n',
  );
});

test('the log file is in the work directory and has timestamps from -v3 on', async () => {
  const log = async (level: string) => {
    const work = scratch();
    const path = join(work, 'dump.log');
    const r = await criu(['dump', '-t', '1', '-D', 'DIR', '-W', work, '-o', path, level], {
      engine: {
        async dump({ log, pid }) {
          log!.error('e');
          log!.warn('w');
          log!.info('i');
          log!.debug('d');
          throw new CriuError('NOT_DUMPABLE', 'it cannot be dumped', { pid }, 'try another');
        },
      },
    });
    expect(r.code).toBe(1);
    expect(r.err).toBe('criu: task 1: it cannot be dumped\n  try another [NOT_DUMPABLE]\n');
    return readFileSync(path, 'utf8');
  };
  const failed = 'Error (criu): task 1: it cannot be dumped\n      try another\n';
  expect(await log('-v1')).toBe(`Error (criu): e\n${failed}`);
  expect(await log('-v2')).toBe(`Error (criu): e\nWarn  (criu): w\n${failed}`);
  const informed = (await log('-v3')).split('\n');
  expect(informed[0]).toMatch(/^\(00\.\d{6}\) Version: 4\.2 /);
  expect(informed[1]).toMatch(/^\(00\.\d{6}\) Running on /);
  expect(informed.slice(2, 5).map((l) => l.replace(/^\(00\.\d{6}\) /, ''))).toEqual([
    'Error (criu): e',
    'Warn  (criu): w',
    'i',
  ]);
  expect(await log('-v4')).toMatch(/^\(00\.\d{6}\) d$/m);
});

test('--log-pid puts the lines of each task into a file of its own', async () => {
  const work = scratch();
  const path = join(work, 'r.log');
  await criu(['restore', '-d', '-D', 'DIR', '-o', path, '-v3', '--log-pid'], {
    engine: {
      async restore({ log }) {
        log!.info('   12: of twelve');
        log!.info('13: of thirteen');
        throw new CriuError('INTERNAL', 'x');
      },
    },
  });
  expect(readFileSync(`${path}.12`, 'utf8')).toMatch(/12: of twelve\n$/);
  expect(readFileSync(`${path}.13`, 'utf8')).toMatch(/13: of thirteen\n$/);
  expect(readFileSync(path, 'utf8')).not.toMatch(/of t/);
});

test('what is not supported is refused by name, before anything is done, in the log too', async () => {
  const path = join(scratch(), 'l');
  const r = await criu(['dump', '-t', '1', '-D', 'DIR', '--stream', '-o', path]);
  expect([r.code, r.dumped.length]).toEqual([1, 0]);
  expect(r.err).toContain('the option --stream is refused: images are written');
  expect(readFileSync(path, 'utf8')).toContain('--stream');
});

test('without root nothing is tried, unless that is asked for', async () => {
  for (const args of [['dump', '-t', '1', '-D', 'DIR'], ['restore', '-D', 'DIR'], ['check']]) {
    const r = await criu(args, { uid: 1000 });
    expect([r.code, r.dumped.length + r.restored.length]).toEqual([1, 0]);
    expect(r.err).toBe(
      `criu: ${args[0]} needs root\n  run it with sudo; --unprivileged tries with the capabilities that there are [NOT_PERMITTED]\n`,
    );
  }
  expect((await criu(['dump', '-t', '1', '-D', 'DIR', '--unprivileged'], { uid: 1000 })).dumped).toHaveLength(
    1,
  );
});

test('an option of another command is let be', async () => {
  expect((await criu(['dump', '-t', '1', '-D', 'DIR', '--pre-dump-mode', 'splice'])).code).toBe(0);
});

test('directories that are missing or none are named', async () => {
  const file = join(scratch(), 'f');
  writeFileSync(file, '');
  expect((await criu(['dump', '-t', '1', '-D', '/no/such/dir'])).err).toContain(
    '/no/such/dir: the images directory does not exist',
  );
  expect((await criu(['dump', '-t', '1', '-D', file])).err).toContain('the images directory is no directory');
  expect((await criu(['dump', '-t', '1', '-D', 'DIR', '-W', '/no/such'])).err).toContain(
    'the work directory does not exist',
  );
});

test('a restore in the foreground waits for the root task', async () => {
  let ended = false;
  const restore = async () => ({
    pid: 77,
    stats: { pagesCompared: 0, pagesSkippedCow: 0, forkingTime: 0, restoreTime: 0, pagesRestored: 0 },
    exit: new Promise<number>((resolve) =>
      setTimeout(() => {
        ended = true;
        resolve(7 << 8);
      }, 20),
    ),
  });
  const r = await criu(['restore', '-D', 'DIR'], { engine: { restore } });
  expect([r.code, ended]).toEqual([0, true]);
  // Its tasks are not ended with it.
  expect(r.restored[0]?.atExit).toBeUndefined();
  expect((await criu(['restore', '-D', 'DIR', '--exit-with-task'], { engine: { restore } })).code).toBe(7);
  const killed = async () => ({ ...(await restore()), exit: Promise.resolve(9) });
  expect(
    (await criu(['restore', '-D', 'DIR', '--exit-with-task'], { engine: { restore: killed } })).code,
  ).toBe(137);
});

test('^C aborts the engine and gives the exit code of the signal', async () => {
  let interrupt: ((signal: string) => void) | undefined;
  const r = await criu(['dump', '-t', '1', '-D', 'DIR'], {
    onInterrupt: (f) => {
      interrupt = f;
    },
    engine: {
      dump: ({ signal }) =>
        new Promise((_, reject) => {
          signal!.addEventListener('abort', () => reject(new CriuError('ABORTED', 'called off')));
          interrupt!('SIGINT');
        }),
    },
  });
  expect(r.code).toBe(130);
  expect(r.err).toContain('SIGINT: rolling back');
  expect(r.err).toContain('called off [ABORTED]');
});

test('progress is drawn on a terminal only, and never beside a log file', async () => {
  const dump = async (args: string[], terminal?: number) => {
    const r = await criu(['dump', '-t', '1', '-D', 'DIR', ...args], {
      ...(terminal ? { terminal } : {}),
      engine: {
        async dump({ onProgress, pid }) {
          onProgress?.({ phase: 'freeze', message: 'at once' });
          vi.advanceTimersByTime(170);
          onProgress?.({ phase: 'write', message: 'memory', done: 1, total: 4 });
          return { pid, tasks: 1, stats: (await import('./fake-shell.js')).DUMP_STATS };
        },
      },
    });
    return r.err;
  };
  vi.useFakeTimers({ toFake: ['performance', 'hrtime'] });
  const shown = await dump([], 80);
  expect(shown.split('\x1b[2K')[1]).toMatch(/^write {4}\[={5} {15}\] {2}25% memory \(0\.\d s\)\r$/);
  expect(shown).not.toContain('at once');
  expect(shown).toMatch(/criu: 1 task of 1 dumped to .*: 1\.0 MiB of memory, frozen for 20\.2 ms\n$/);
  expect(await dump([])).toBe('');
  expect(await dump(['-o', join(scratch(), 'l')], 80)).toBe('');
});

test('help and version need no command, whatever the configuration says', async () => {
  const bad = join(scratch(), 'c');
  writeFileSync(bad, 'nonsense');
  const help = await criu(['--config', bad, '--help']);
  expect(help.code).toBe(0);
  for (const words of [
    'Commands:',
    'criu restore',
    'Files and devices:',
    '-t, --tree ',
    'PID: root of the process tree',
    '--restore-detached',
    '(refused)',
    '[=N], -vN, -v[v...]',
    '[choices: "splice", "read"]',
  ])
    expect(help.out).toContain(words);
  expect(Math.max(...help.out.split('\n').map((l) => l.length))).toBeLessThanOrEqual(100);
  const version = await criu(['-jV']);
  expect([version.code, version.out]).toEqual([0, 'Version: 4.2\nImplementation: @criu/cli 0.0.0\n']);
  const nothing = await criu([]);
  expect([nothing.code, nothing.err.startsWith('Usage:')]).toEqual([1, true]);
  expect(existsSync(nothing.dir)).toBe(true);
});

test("a command's help has its own options only, as wide as the terminal", async () => {
  const { code, out } = await criu(['-o', 'check', 'dump', '--help', '--frob'], { terminal: 72 });
  expect([code, out.split('\n')[0]]).toEqual([0, 'Usage: criu COMMAND [OPTION...]']);
  const dump = await criu(['-o', 'check', 'dump', '--help'], { terminal: 72 });
  expect(dump.out).toMatch(/^Usage: criu dump -t PID -D DIR \[OPTION\.\.\.\]\n\ncheckpoint a process tree/);
  expect([dump.out.includes('--leave-running'), dump.out.includes('--restore-detached')]).toEqual([
    true,
    false,
  ]);
  expect(Math.max(...dump.out.split('\n').map((l) => l.length))).toBe(72);
  expect((await criu(['cpuinfo', '-h'])).out).toContain('criu cpuinfo check');
});

test('a mistyped command is answered with the one that is meant', async () => {
  expect((await criu(['restor', '-D', 'DIR'])).err).toBe(
    'criu: unknown command: restor\n  did you mean restore? [BAD_OPTION]\n',
  );
  expect((await criu(['cpuinfo', 'dmup'])).err).toContain('did you mean cpuinfo dump?');
  expect((await criu(['cpuinfo'])).err).toContain('cpuinfo needs dump or check');
  expect((await criu(['dmup'])).err).toContain('did you mean dump?');
  // Three letters off is another word.
  expect((await criu(['foo'])).err).toBe(
    'criu: unknown command: foo\n  `criu --help` lists the commands [BAD_OPTION]\n',
  );
});

test('what a command needs and is not there is told before anything is begun', async () => {
  const dir = scratch();
  const lazy = await criu(['lazy-pages', '-D', dir]);
  expect([lazy.code, lazy.err]).toEqual([1, expect.stringContaining('[IMAGE_MISSING]')]);
  expect(readdirSync(dir)).toEqual([]);
  const untrack = await criu(['untrack', '-t', '4000000']);
  expect([untrack.code, untrack.err]).toEqual([1, expect.stringContaining('[NO_SUCH_TASK]')]);
});

test('errors, warnings and verdicts are coloured on a terminal, and nowhere else', async () => {
  const [out, err] = [styleFor(true, {}), styleFor(true, {})];
  const style = { out, err };
  const engine = {
    async dump({ log, pid }: DumpOptions): Promise<never> {
      log?.warn('w');
      throw new CriuError('NOT_DUMPABLE', 'it cannot be dumped', { pid }, 'try another');
    },
  };
  const argv = ['dump', '-t', '1', '-D', 'DIR'];
  expect((await criu(argv, { engine, style })).err).toBe(
    '\x1b[33mWarn  (criu): \x1b[0mw\n' +
      '\x1b[1;31mcriu:\x1b[0m \x1b[1mtask 1: it cannot be dumped\x1b[0m\n  try another \x1b[2m[NOT_DUMPABLE]\x1b[0m\n',
  );
  expect((await criu(argv, { engine })).err).toBe(
    'Warn  (criu): w\ncriu: task 1: it cannot be dumped\n  try another [NOT_DUMPABLE]\n',
  );
  // A log file has none, whatever the terminal is.
  const path = join(scratch(), 'l');
  await criu([...argv, '-o', path], { engine, style });
  expect(readFileSync(path, 'utf8')).not.toContain('\x1b');
  expect((await criu(['check'], { style })).out).toBe('\x1b[32mLooks good.\n\x1b[0m');
});

test.each([
  [true, {}, true],
  [true, { NO_COLOR: '' }, true],
  [true, { NO_COLOR: '1' }, false],
  [true, { TERM: 'dumb' }, false],
  [false, {}, false],
])('on a terminal (%j) with %j there are colours: %j', (terminal, env, colours) => {
  expect(styleFor(terminal, env).error('x') !== 'x').toBe(colours);
});
