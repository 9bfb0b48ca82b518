// `criu-ns`, and criu as the first process of a pid namespace: tasks come back with pids that node and its helpers would have
// there, however low, and that are taken elsewhere.
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it, test } from 'vitest';
import { argumentsFor, namedDescriptors, parseCommand } from '../../src/cli/ns/command.js';
import { clash, roomFor } from '../../src/cli/own-pids.js';
import { cleanUp, isRoot, peer, Victim } from '../dump/victim.js';
import { prepare } from '../rpc/real.js';
import { family, freshDir, until } from '../support.js';

afterAll(cleanUp);

const criuNs = fileURLToPath(new URL('../../bin/criu-ns', import.meta.url));
const criu = fileURLToPath(new URL('../../bin/criu', import.meta.url));
/** Its files are opened inside, as those of other mount namespaces are not dumped. */
const FRESH = [
  'unshare',
  '-pf',
  '--mount-proc',
  'sh',
  '-c',
  'setsid "$0" </dev/null >/dev/null 2>&1 & sleep 1000 & wait',
];

/** A victim with low pids in a pid namespace that is not its own, and its pid here. */
async function low(): Promise<{ victim: Victim; pid: number }> {
  const victim = await Victim.start('low', {}, new URL('victims/low.c', import.meta.url), FRESH);
  return { victim, pid: family(victim.pid)[2]! };
}

async function verify(victim: Victim, pid: number): Promise<string> {
  process.kill(pid, 'SIGUSR1');
  return victim.said();
}

function run(command: string, ...args: string[]) {
  const { status, stderr } = spawnSync(command, args, {
    encoding: 'utf8',
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  return { status, stderr };
}

/** Same command in the background; its exit code. */
function begin(command: string, ...args: string[]): Promise<number | null> {
  const child = spawn(command, args, { stdio: 'ignore' });
  return new Promise((resolve) => child.once('exit', resolve));
}

function end(pid: number): void {
  if (existsSync(`/proc/${pid}`)) process.kill(pid, 'SIGKILL');
}

const done = { status: 0, stderr: '' };

describe('the command line of criu-ns', () => {
  test('is that of criu, with some options for itself', () => {
    const words = [
      'restore',
      '-dD',
      'x',
      '--criu-binary',
      '/c',
      '--pidf=p',
      '--no-shell-job',
      '-v4',
      '--',
      'a',
      '-b',
    ];
    const command = parseCommand(words);
    expect([command.action, command.criu, command.operands]).toEqual(['restore', '/c', ['a', '-b']]);
    expect(argumentsFor(command, ['restore-detached'], { pidfile: 'q' })).toEqual([
      'restore',
      '--images-dir=x',
      ...['--no-shell-job', '--verbosity=4', '--pidfile=q', '--', 'a', '-b'],
    ]);
    expect(() => parseCommand(['swrk', '3'])).toThrow(/cannot swrk/);
    expect(() => parseCommand(['dump', '--criu-binary'])).toThrow(/needs a value/);
  });

  test('names descriptors that criu has to inherit', () => {
    const { given } = parseCommand([
      'restore',
      '--inherit-fd',
      'fd[7]:x',
      '--inherit-fd',
      'fd[1]:y',
      '--close=9',
    ]);
    expect(namedDescriptors({ given })).toEqual([7, 9]);
  });
});

describe('room for pids', () => {
  test('is needed where tasks want what we have, or will have soon', () => {
    expect(clash([5], [1, 2, 3, 5])).toBe(true);
    expect(clash([9], [1, 2, 3])).toBe(true);
    expect(clash([500], [1, 2, 3])).toBe(false);
    expect(clash([90, 95], [100, 101])).toBe(false);
    // Nothing helps against that one.
    expect(clash([100], [100, 101])).toBe(false);
  });

  test('is beyond all pids of tasks, or wherever there is a gap', () => {
    expect(roomFor([2, 5000], 32768)).toBe(5000);
    expect(roomFor([32000, 400], 32768)).toBe(400);
    expect(
      roomFor(
        Array.from({ length: 40 }, (_, i) => i * 1000),
        32768,
      ),
    ).toBeUndefined();
  });
});

describe.skipIf(!isRoot)('tasks with low pids in a foreign pid namespace (needs root)', () => {
  beforeAll(prepare);

  it('are dumped out of it and restored into new ones, again and again', async () => {
    const { victim, pid: first } = await low();
    let pid = first;
    try {
      expect(await verify(victim, pid)).toBe('ok');
      for (let round = 0; round < 2; round++) {
        const dir = freshDir();
        expect(run(criuNs, 'dump', '-t', String(pid), '-D', dir, '-o', 'dump.log')).toEqual(done);
        expect(run(criuNs, 'restore', '-D', dir, '-d', '--pidfile', 'pid', '-o', 'restore.log')).toEqual(
          done,
        );
        pid = Number(readFileSync(join(dir, 'pid'), 'utf8'));
        expect(await verify(victim, pid)).toBe('ok');
        // What fails there says so here, and leaves the tasks alone.
        const taken = run(criuNs, 'restore', '-D', dir, '-d', '--pidfile', 'pid');
        expect([taken.status, taken.stderr]).toEqual([1, expect.stringContaining('such a file already')]);
      }
      const missing = run(criuNs, 'restore', '-D', freshDir(), '-d');
      expect([missing.status, missing.stderr]).toEqual([
        1,
        expect.stringContaining('no complete checkpoint'),
      ]);
      expect(run(criuNs, 'dump', '-t', '4194303', '-D', freshDir()).stderr).toContain('no such process');
      expect(run(criuNs, 'restore', '-S', '-D', freshDir()).stderr).toContain('no siblings');
    } finally {
      end(pid);
      await victim.end();
    }
  });

  it('come back under a criu that is init, and outlives the last of them', async () => {
    const { victim, pid } = await low();
    try {
      const dir = freshDir();
      expect(run(criuNs, 'dump', '-t', String(pid), '-D', dir)).toEqual(done);
      const args = ['restore', '-D', dir, '--exit-with-task', '-v4', '-o', 'restore.log'];
      const ended = begin('unshare', '-pf', '--mount-proc', criu, ...args);
      const log = () => readFileSync(join(dir, 'restore.log'), 'utf8');
      await until('it is restored', () => {
        try {
          return /Tasks resumed/.test(log());
        } catch {
          return false;
        }
      });
      const [root] = family(process.pid).filter((one) => {
        let status = '';
        try {
          status = readFileSync(`/proc/${one}/status`, 'utf8');
        } catch {
          // A helper of the restore has ended.
        }
        return /^NSpid:\t\d+\t2$/m.test(status) && status.startsWith('Name:\tlow');
      });
      expect(await verify(victim, root!)).toBe('ok');
      process.kill(root!, 'SIGUSR2');
      expect(await ended).toBe(7);
      expect(await victim.said()).toBe('late');
    } finally {
      await victim.end();
    }
  });

  it.skipIf(!peer)('are in the hands of another criu, if it is named (CRIU_PEER)', async () => {
    const { victim, pid } = await low();
    let root = pid;
    try {
      const dir = freshDir();
      const theirs = ['-D', dir, '--criu-binary', peer!];
      expect(run(criuNs, 'dump', '-t', String(pid), ...theirs).status).toBe(0);
      // That one keeps what it has from us.
      expect(await begin(criuNs, 'restore', ...theirs, '-d', '--pidfile', 'pid')).toBe(0);
      root = Number(readFileSync(join(dir, 'pid'), 'utf8'));
      expect(await verify(victim, root)).toBe('ok');
    } finally {
      end(root);
      await victim.end();
    }
  });
});
