// A process goes to disk and comes back as it was, as often as asked, and what it can see of itself is unchanged.
import { execFileSync, spawn } from 'node:child_process';
import { existsSync, openSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, it } from 'vitest';
import { dump, restore } from '../../src/operations.js';
import { cleanUp, isRoot, scratch, Victim } from '../dump/victim.js';
import { freshDir, until } from '../support.js';

afterAll(cleanUp);

/** Dump, then restore; the pid is the same. */
async function cycle(pid: number): Promise<void> {
  const imagesDir = freshDir();
  await dump({ pid, imagesDir });
  await until('the pid is free', () => !existsSync(`/proc/${pid}`));
  const back = await restore({ imagesDir, detached: true });
  expect(back.pid).toBe(pid);
}

function command(pid: number): string {
  return readFileSync(`/proc/${pid}/cmdline`, 'latin1');
}

/** Starts a program in a session of its own, its output in a file. */
function start(program: string, args: string[], out: string): number {
  const child = spawn(program, args, {
    detached: true,
    stdio: ['ignore', openSync(out, 'a'), openSync(out, 'a')],
  });
  return child.pid!;
}

describe.skipIf(!isRoot)('dump and restore (needs root)', () => {
  it('brings back threads, registers, timers, signals, descriptors and memory, ten times in a row', async () => {
    const victim = await Victim.start('everything');
    try {
      for (let i = 0; i < 10; i++) {
        await cycle(victim.pid);
        expect(await victim.verify()).toBe('ok');
      }
    } finally {
      await victim.end();
    }
  });

  it('begins critical sections of threads anew (rseq), five times in a row', async () => {
    const victim = await Victim.start('sections', {}, new URL('victims/sections.c', import.meta.url));
    try {
      expect(await victim.verify()).toBe('ok');
      for (let i = 0; i < 5; i++) {
        await cycle(victim.pid);
        expect(await victim.verify()).toBe('ok');
      }
    } finally {
      await victim.end();
    }
  });

  it('goes on with a computation of python3 that has files open', async () => {
    const out = join(scratch(), 'python.out');
    const program = `
import sys, time, hashlib, random
log = open(${JSON.stringify(join(scratch(), 'python.log'))}, 'w')
random.seed(7)
state = hashlib.sha256()
numbers = []
for i in range(400):
    numbers.append(random.random())
    state.update(repr(numbers[-1]).encode())
    log.write('%d %s\\n' % (i, state.hexdigest())); log.flush()
    time.sleep(0.01)
print(sum(numbers), state.hexdigest(), flush=True)
`;
    const expected = join(scratch(), 'python.expected');
    const plain = start('python3', ['-c', program.replaceAll('python.log', 'python.plain')], expected);
    const pid = start('python3', ['-c', program], out);
    const log = join(scratch(), 'python.log');
    await until('python3 computes', () => existsSync(log) && statSync(log).size > 2000);
    for (let i = 0; i < 3; i++) {
      await cycle(pid);
      const before = statSync(log).size;
      await until('python3 goes on', () => statSync(log).size > before);
    }
    await until('both come to an end', () => statSync(out).size > 0 && statSync(expected).size > 0);
    expect(readFileSync(out, 'utf8')).toBe(readFileSync(expected, 'utf8'));
    expect(readFileSync(log, 'utf8').trim().split('\n')).toHaveLength(400);
    expect(plain).toBeGreaterThan(0);
  });

  it.each(['nanosleep', 'clock_nanosleep'])(
    'has a %s last as long as it should, without EINTR',
    async (call) => {
      const program = join(scratch(), 'sleeps');
      const source = fileURLToPath(new URL('victims/sleeps.c', import.meta.url));
      execFileSync('cc', ['-O1', '-o', program, source]);
      const out = join(scratch(), `${call}.out`);
      const pid = start(program, [call], out);
      try {
        await until('it sleeps', () => readFileSync(out, 'utf8') === 'sleeping\n');
        await cycle(pid);
        expect(readFileSync(out, 'utf8')).toBe('sleeping\n');
        const said = await until(
          'it is awake',
          () => /^(-?\d+) (\d+)$/m.exec(readFileSync(out, 'utf8')) ?? undefined,
        );
        // Its clock has not counted the time that it was away.
        expect(Number(said[1])).toBe(0);
        expect(Number(said[2])).toBeGreaterThanOrEqual(3000);
      } finally {
        if (existsSync(`/proc/${pid}`)) process.kill(pid, 'SIGKILL');
      }
    },
  );

  it('brings back sleep, tail -f and dd', async () => {
    const followed = join(scratch(), 'followed');
    writeFileSync(followed, 'one\n');
    const seen = join(scratch(), 'tail.out');
    const copied = join(scratch(), 'dd.out');
    const sleep = start('sleep', ['1000'], join(scratch(), 'sleep.out'));
    const tail = start('tail', ['-f', '---disable-inotify', '-s', '0.05', followed], seen);
    const dd = start(
      'dd',
      [
        'if=/dev/zero',
        `of=${copied}`,
        'bs=4k',
        'conv=fsync',
        'oflag=append',
        'conv=notrunc',
        'count=2000000',
      ],
      join(scratch(), 'dd.err'),
    );
    try {
      await until('tail reads', () => readFileSync(seen, 'utf8') === 'one\n');
      await until('dd writes', () => existsSync(copied) && statSync(copied).size > 0);
      for (const pid of [sleep, tail, dd]) {
        const line = command(pid);
        await cycle(pid);
        expect(command(pid)).toBe(line);
      }
      writeFileSync(followed, 'one\ntwo\n');
      await until('tail reads on', () => readFileSync(seen, 'utf8') === 'one\ntwo\n');
      const size = statSync(copied).size;
      await until('dd writes on', () => statSync(copied).size > size);
    } finally {
      for (const pid of [sleep, tail, dd]) process.kill(pid, 'SIGKILL');
    }
  });
});
