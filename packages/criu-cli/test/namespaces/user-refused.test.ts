// User namespaces that no restore could make again: a dump says why, and leaves their tasks alone.
import { spawn } from 'node:child_process';
import { existsSync, readFileSync, readlinkSync, writeFileSync } from 'node:fs';
import { afterAll, afterEach, describe, expect, it } from 'vitest';
import type { CriuError } from '../../src/errors.js';
import { dump } from '../../src/operations.js';
import { cleanUp, isRoot } from '../dump/victim.js';
import { family, freshDir, until } from '../support.js';

afterAll(cleanUp);

describe.skipIf(!isRoot)('a user namespace (needs root)', () => {
  const started: number[] = [];
  afterEach(() => {
    for (const pid of started.splice(0))
      for (const one of family(pid).reverse()) if (existsSync(`/proc/${one}`)) process.kill(one, 'SIGKILL');
  });

  const nameOf = (pid: number) => readFileSync(`/proc/${pid}/comm`, 'latin1').trim();
  const users = (pid: number) => readlinkSync(`/proc/${pid}/ns/user`);

  /** Starts a command; its tasks that sleep, when there are as many as wanted. */
  function start(command: string, wanted = 1): Promise<number[]> {
    const { pid = 0 } = spawn('sh', ['-c', command], { stdio: 'ignore', detached: true });
    started.push(pid);
    return until(`"${command}" sleeps`, () => {
      const all = family(pid).filter((one) => nameOf(one) === 'sleep');
      return all.length === wanted && all;
    });
  }

  async function refused(pid: number, message: RegExp): Promise<void> {
    const error: unknown = await dump({ pid, imagesDir: freshDir() }).catch((e: unknown) => e);
    expect((error as CriuError).explain()).toMatch(message);
    for (const one of family(pid)) {
      expect(readFileSync(`/proc/${one}/status`, 'latin1')).toMatch(/^State:\s+S[\s\S]*^TracerPid:\s+0$/m);
    }
  }

  it('below that of the root task', async () => {
    const [root = 0, nested = 0] = await start(
      'unshare --user --map-root-user sleep 1000 & exec sleep 1000',
      2,
    );
    expect(users(root)).not.toBe(users(nested));
    await refused(root, /it is in another user namespace than the root task/);
  });

  it('whose other namespaces were there before', async () => {
    const [pid = 0] = await start(
      'exec unshare --uts unshare --user --map-root-user --pid --fork setsid sleep 1000',
    );
    await refused(pid, /its uts namespace does not belong to its user namespace/);
  });

  it('that maps nobody yet', async () => {
    const [pid = 0] = await start('exec unshare --user --pid --fork setsid sleep 1000');
    await refused(pid, /its user namespace maps no users or no groups yet/);
  });

  it.each([
    ['user', '0 300000 10\n', '0 0 10\n'],
    ['group', '0 0 10\n', '0 300000 10\n'],
  ])('that does not map the %s of a task', async (what, uids, gids) => {
    const [pid = 0] = await start('exec unshare --user --pid --fork setsid sleep 1000');
    writeFileSync(`/proc/${pid}/uid_map`, uids);
    writeFileSync(`/proc/${pid}/gid_map`, gids);
    await refused(pid, new RegExp(`it runs as ${what} 0, which its user namespace does not map`));
  });
});
