// Pid namespaces: tasks have the pids that they had, whatever they are for the host.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { decodeImage, detectKind } from '@criu/images';
import { afterAll, describe, expect, it } from 'vitest';
import type { Notification } from '../../src/notify.js';
import { dump, restore } from '../../src/operations.js';
import { cleanUp, isRoot, peer, scratch, type Victim } from '../dump/victim.js';
import { family, freshDir } from '../support.js';
import { free, start, theirs } from './cycle.js';

afterAll(cleanUp);

let inits = 0;

/** The init of a namespace, and the one outside who made the first of its incarnations. */
class Init {
  private constructor(
    private readonly outside: Victim,
    public pid: number,
  ) {}

  static async start(env: Record<string, string> = {}): Promise<Init> {
    inits += 1;
    const file = join(scratch(), `init-${inits}`);
    const outside = await start('pid', { INIT: file, ...env });
    while (!existsSync(file) || readFileSync(file).length === 0)
      await new Promise((resolve) => setTimeout(resolve, 10));
    return new Init(outside, Number(readFileSync(file, 'utf8')));
  }

  async verify(): Promise<string> {
    process.kill(this.pid, 'SIGUSR1');
    return await this.outside.said();
  }

  async end(): Promise<void> {
    if (existsSync(`/proc/${this.pid}`)) process.kill(this.pid, 'SIGKILL');
    await this.outside.end();
  }
}

async function withInit(use: (init: Init) => Promise<void>, env: Record<string, string> = {}): Promise<void> {
  const init = await Init.start(env);
  try {
    await use(init);
  } finally {
    await init.end();
  }
}

/** Innermost numbers of all tasks below one. */
function inside(pid: number): number[] {
  return family(pid).map((task) =>
    Number(/^NSpid:.*\s(\d+)$/m.exec(readFileSync(`/proc/${task}/status`, 'utf8'))![1]),
  );
}

const options = (imagesDir: string) => ({ imagesDir, fileLocks: true });

describe.skipIf(!isRoot)('a pid namespace (needs root)', () => {
  it('comes back with all that has pids in it, under pids of the host that were free', () =>
    withInit(async (init) => {
      expect(await init.verify()).toBe('ok');
      const before = inside(init.pid);
      for (let i = 0; i < 2; i++) {
        const dir = freshDir();
        const old = family(init.pid);
        await dump({ pid: init.pid, ...options(dir) });
        await free(old);
        const pidfile = join(dir, 'pid');
        const told: [string, number | undefined][] = [];
        const notify = ({ action, pid }: Notification) => void told.push([action, pid]);
        const result = await restore({ ...options(dir), detached: true, pidfile, notify });
        for (const stage of ['setup-namespaces', 'post-setup-namespaces', 'post-restore'])
          expect(told).toContainEqual([stage, result.pid]);
        init.pid = result.pid;
        expect(Number(readFileSync(pidfile, 'utf8'))).toBe(result.pid);
        expect(result.pid).not.toBe(old[0]);
        expect(await init.verify()).toBe('ok');
        expect(inside(init.pid)).toEqual(before);
      }
    }));

  it('is unharmed by a dump that fails, and runs on after one that is to leave it', () =>
    withInit(async (init) => {
      for (const fault of ['infected', 'describe', 'write'])
        await expect(dump({ pid: init.pid, ...options(freshDir()), faults: [fault] })).rejects.toMatchObject({
          code: 'INTERNAL',
        });
      await dump({ pid: init.pid, ...options(freshDir()), leaveRunning: true });
      expect(await init.verify()).toBe('ok');
    }));

  it('of a restore that fails is gone, with all in it', () =>
    withInit(async (init) => {
      const dir = freshDir();
      const old = family(init.pid);
      await dump({ pid: init.pid, ...options(dir) });
      await free(old);
      for (const fault of ['namespaces', 'files', 'threads', 'commit']) {
        const before = readdirSync('/proc').filter((name) => /^\d+$/.test(name));
        await expect(restore({ ...options(dir), detached: true, faults: [fault] })).rejects.toMatchObject({
          code: 'INTERNAL',
        });
        const left = readdirSync('/proc').filter((name) => /^\d+$/.test(name) && !before.includes(name));
        const comm = (pid: string) => {
          try {
            return readFileSync(`/proc/${pid}/comm`, 'utf8');
          } catch {
            return '';
          }
        };
        expect(left.map(comm).filter((name) => /criu-agent|^pid$/.test(name))).toEqual([]);
      }
      init.pid = (await restore({ ...options(dir), detached: true })).pid;
      expect(await init.verify()).toBe('ok');
    }));

  it('is dumped with its init only', () =>
    withInit(async (init) => {
      const [, child] = family(init.pid);
      await expect(dump({ pid: child!, ...options(freshDir()) })).rejects.toMatchObject({
        code: 'UNSUPPORTED',
        remedy: expect.stringMatching(/init/),
      });
      expect(await init.verify()).toBe('ok');
    }));

  it('that lives in a session of the host is refused', () =>
    withInit(
      async (init) =>
        await expect(dump({ pid: init.pid, ...options(freshDir()) })).rejects.toMatchObject({
          code: 'UNSUPPORTED',
          remedy: expect.stringMatching(/setsid/),
        }),
      { NO_SESSION: '1' },
    ));

  it('is refused with a file open that names a task by its pid of the host', () =>
    withInit(
      async (init) => {
        await expect(dump({ pid: init.pid, ...options(freshDir()) })).rejects.toMatchObject({
          code: 'UNSUPPORTED',
          object: expect.objectContaining({ file: expect.stringMatching(/^\/proc\/\d+\/status/) }),
        });
        expect(await init.verify()).toBe('ok');
      },
      { PROC_FILE: '/proc/self/status' },
    ));

  describe.skipIf(!peer)('beside CRIU 4.2 (needs CRIU_PEER)', () => {
    const locks = ['--file-locks'];

    it('its images are the same', () =>
      withInit(
        async (init) => {
          const [a, b] = [freshDir(), freshDir()];
          await dump({ pid: init.pid, ...options(a), leaveRunning: true });
          await theirs.dump(init.pid, b, locks);
          const names = (dir: string) =>
            readdirSync(dir).filter((name) => /^(core|ids|pstree|filelocks|files|fdinfo|mm|fs)/.test(name));
          expect(names(a).sort()).toEqual(names(b).sort());
          const clocks = new Set(['vsec', 'vnsec', 'xstate_bv']);
          const contents = (dir: string, name: string) => {
            const bytes = readFileSync(join(dir, name));
            return JSON.parse(
              JSON.stringify(decodeImage(detectKind(bytes)!, bytes, name), (key, value: unknown) =>
                clocks.has(key) ? 0 : typeof value === 'bigint' ? `${value}n` : value,
              ),
            );
          };
          for (const name of names(b)) expect([name, contents(a, name)]).toEqual([name, contents(b, name)]);
        },
        { QUIET: '1' },
      ));

    it('CRIU dumped what we restore, and restores what we dumped', () =>
      withInit(async (init) => {
        let dir = freshDir();
        let old = family(init.pid);
        await theirs.dump(init.pid, dir, locks);
        await free(old);
        init.pid = (await restore({ ...options(dir), detached: true })).pid;
        expect(await init.verify()).toBe('ok');
        dir = freshDir();
        old = family(init.pid);
        await dump({ pid: init.pid, ...options(dir) });
        await free(old);
        const pidfile = join(dir, 'pid');
        await theirs.restore(dir, [...locks, '--pidfile', pidfile]);
        init.pid = Number(readFileSync(pidfile, 'utf8'));
        expect(await init.verify()).toBe('ok');
      }));
  });
});
