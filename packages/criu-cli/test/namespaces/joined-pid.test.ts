// A pid namespace that the tasks have joined: it stays with those who made it (`--external pid[INODE]:NAME`), and takes the
// tasks back (`--inherit-fd fd[N]:NAME`).
import { spawn, spawnSync } from 'node:child_process';
import { closeSync, existsSync, fstatSync, openSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { dump } from '../../src/operations.js';
import { readChildren } from '../../src/proc/index.js';
import { cleanUp, isRoot, peer, scratch } from '../dump/victim.js';
import { criu } from '../rpc/real.js';
import { family, freshDir, until } from '../support.js';
import { free } from './cycle.js';

afterAll(cleanUp);

/** The other end of the namespace: its init, and a descriptor of it. */
function makeNamespace() {
  // A shell reaps whoever loses its parent, and with that frees the number of their session.
  const init = ['sh', '-c', 'while :; do sleep 1000; done'];
  const outside = spawn('unshare', ['--pid', '--fork', '--kill-child', ...init], { stdio: 'ignore' });
  return { outside, init: () => readChildren(outside.pid ?? 0)[0] };
}

/** Runs criu with a descriptor 3. */
function command(program: string, args: readonly string[], fd: number) {
  const { status, stderr } = spawnSync(program, args, {
    stdio: ['ignore', 'ignore', 'pipe', fd],
    encoding: 'utf8',
    cwd: '/',
  });
  return { status, stderr };
}

const pairs = [[criu, criu], ...(peer ? [[criu, peer] as const, [peer, criu] as const] : [])] as const;
const named = (program: string) => (program === criu ? 'us' : 'CRIU');

describe.skipIf(!isRoot)('the init of a pid namespace (needs root)', () => {
  it('is gone at once when it was dumped, also with several threads', async () => {
    const sleep = 'threading.Thread(target=time.sleep, args=(1000,)).start()';
    const program = ['python3', '-c', `import threading, time\nfor i in range(6): ${sleep}`];
    const once = async () => {
      const outside = spawn('unshare', ['--pid', '--fork', '--kill-child', 'setsid', ...program], {
        stdio: 'ignore',
        cwd: '/',
      });
      try {
        const pid = await until('it has threads', () => {
          const [init] = readChildren(outside.pid ?? 0);
          return init && readdirSync(`/proc/${init}/task`).length > 6 ? init : undefined;
        });
        let released = 0;
        const onProgress = ({ phase }: { phase: string }) => {
          if (phase === 'release') released = performance.now();
        };
        await dump({ pid, imagesDir: freshDir(), onProgress });
        return performance.now() - released;
      } finally {
        outside.kill('SIGKILL');
      }
    };
    // Whoever waits for its threads in the wrong order waits for a second, twice, every time. On a busy machine all else may take
    // as long, but not every time.
    let shortest = Infinity;
    for (let i = 0; i < 8 && shortest >= 900; i++) shortest = Math.min(shortest, await once());
    expect(shortest).toBeLessThan(900);
  });
});

describe.skipIf(!isRoot)('a pid namespace that was joined (needs root)', () => {
  for (const [dumper, restorer] of pairs)
    it(`takes the tasks back, dumped by ${named(dumper)}, restored by ${named(restorer)}`, async () => {
      const { outside, init } = makeNamespace();
      const first = await until('there is an init', () => init());
      const fd = openSync(`/proc/${first}/ns/pid`, 'r');
      const said = join(scratch(), `joined-${first}`);
      // A child of the shell tells the pid of the shell as it is in the namespace.
      const loop = `while :; do sh -c 'echo $PPID' > ${said}.new; mv ${said}.new ${said}; sleep 0.05; done`;
      const enter = ['--pid', '-t', String(first), 'setsid', 'sh', '-c', loop];
      const joined = spawn('nsenter', enter, { stdio: 'ignore', cwd: '/' });
      const speaks = async () => {
        rmSync(said, { force: true });
        return await until('it goes on', () => existsSync(said) && readFileSync(said, 'utf8'));
      };
      let pid = 0;
      try {
        const before = await speaks();
        pid = await until('it was started', () => readChildren(joined.pid ?? 0)[0]);
        const dir = freshDir();
        const to = ['-D', dir, '-v4', '-o', 'log'];
        const refused = command(dumper, ['dump', '-t', String(pid), ...to], fd);
        expect(refused.status).toBe(1);
        const inode = fstatSync(fd, { bigint: true }).ino;
        const old = family(pid);
        const dumped = command(
          dumper,
          ['dump', '-t', String(pid), ...to, '--external', `pid[${inode}]:joined`],
          fd,
        );
        expect(dumped).toEqual({ status: 0, stderr: '' });
        await free(old);
        expect(command(restorer, ['restore', '-d', ...to], fd).status).toBe(1);
        const pidfile = join(dir, 'pid');
        const back = ['--inherit-fd', 'fd[3]:joined', '--pidfile', pidfile];
        expect(command(restorer, ['restore', '-d', ...to, ...back], fd)).toEqual({ status: 0, stderr: '' });
        pid = Number(readFileSync(pidfile, 'utf8'));
        expect(await speaks()).toBe(before);
        expect(existsSync(`/proc/${first}`)).toBe(true);
      } finally {
        closeSync(fd);
        // All of the namespace ends with its init.
        outside.kill('SIGKILL');
        joined.kill('SIGKILL');
      }
    });
});
