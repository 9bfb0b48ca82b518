// A network namespace keeps quiet from its dump to its restore, and is open again whatever becomes of either.
import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, afterEach, beforeEach, describe, expect, it } from 'vitest';
import { dump, restore } from '../../src/operations.js';
import type { NetworkLock } from '../../src/options.js';
import { cleanUp, isRoot, peer, scratch, type Victim } from '../dump/victim.js';
import { family, freshDir, until } from '../support.js';
import { free, start } from './cycle.js';

afterAll(cleanUp);

const criu = fileURLToPath(new URL('../../bin/criu', import.meta.url));
const works = (...command: string[]) => isRoot && spawnSync('unshare', ['-n', ...command]).status === 0;
const methods = (
  [
    ['nftables', works('nft', 'list', 'ruleset')],
    ['iptables', works('iptables', '-w', '-S') && works('ip6tables', '-w', '-S')],
  ] as const
).filter(([, there]) => there);

describe.skipIf(!isRoot || methods.length === 0)(
  'the lock of a network namespace (needs root, nft or iptables)',
  () => {
    let victim: Victim;
    /** Keeps the namespace when the victim has ended. */
    let holder: ReturnType<typeof spawn>;

    beforeEach(async () => {
      victim = await start('net');
      holder = spawn('nsenter', ['-t', `${victim.pid}`, '-n', 'sleep', '1000'], { stdio: 'ignore' });
      await until(
        'the namespace is kept',
        () => holder.pid !== undefined && inside(holder.pid, 'true') === '',
      );
    });
    afterEach(async () => {
      holder.kill('SIGKILL');
      await victim.end();
    });

    const inside = (pid: number | undefined, ...command: string[]) =>
      spawnSync('nsenter', ['-t', `${pid}`, '-n', ...command], { encoding: 'utf8' }).stdout;
    /** What there is of a lock in the namespace of a process. */
    const locks = (pid = holder.pid) =>
      ['nft list ruleset', 'iptables-save', 'ip6tables-save', 'iptables-legacy-save', 'ip6tables-legacy-save']
        .map((command) => inside(pid, ...command.split(' ')) ?? '')
        .join('')
        .split('\n')
        .filter((line) => line.includes('CRIU'));

    async function dumped(networkLock: NetworkLock): Promise<string> {
      const imagesDir = freshDir();
      const pids = family(victim.pid);
      await dump({ pid: victim.pid, imagesDir, networkLock });
      await free(pids);
      return imagesDir;
    }

    describe.each(methods)('by %s', (networkLock) => {
      it('holds until the tasks are restored there, and is in no new namespace', async () => {
        const imagesDir = await dumped(networkLock);
        expect(locks()).not.toEqual([]);
        await restore({ imagesDir, detached: true });
        expect(await victim.verify()).toBe('ok');
        expect(locks(victim.pid)).toEqual([]);
        const pids = family(victim.pid);
        expect(locks()).not.toEqual([]);
        for (const pid of pids) process.kill(pid, 'SIGKILL');
        await free(pids);
        await restore({ imagesDir, detached: true, joinNamespaces: [`net:${holder.pid}`] });
        expect(await victim.verify()).toBe('ok');
        expect(locks()).toEqual([]);
      });

      it('goes when the tasks run on, and when the dump fails', async () => {
        await dump({ pid: victim.pid, imagesDir: freshDir(), networkLock, leaveRunning: true });
        expect(locks()).toEqual([]);
        for (const fault of ['describe', 'guard']) {
          const failing = dump({ pid: victim.pid, imagesDir: freshDir(), networkLock, faults: [fault] });
          await expect(failing).rejects.toMatchObject({ code: 'INTERNAL' });
          expect(locks()).toEqual([]);
        }
        expect(await victim.verify()).toBe('ok');
      });

      it('goes when criu is killed in the dump', async () => {
        const [script, here] = [join(scratch(), 'wait.sh'), join(scratch(), `here-${networkLock}`)];
        writeFileSync(
          script,
          `#!/bin/sh\nif [ "$CRTOOLS_SCRIPT_ACTION" = post-dump ]; then echo $$ > ${here}; exec sleep 1000; fi\n`,
          { mode: 0o755 },
        );
        const args = [
          '-t',
          `${victim.pid}`,
          '-D',
          freshDir(),
          '--network-lock',
          networkLock,
          '--action-script',
          script,
        ];
        const child = spawn(criu, ['dump', ...args], { stdio: 'ignore' });
        const sleeper = await until('the dump waits', () => existsSync(here) && Number(readFileSync(here)));
        expect(locks()).not.toEqual([]);
        child.kill('SIGKILL');
        process.kill(sleeper, 'SIGKILL');
        await until('the lock is gone', () => locks().length === 0);
        expect(await victim.verify()).toBe('ok');
      });

      it.skipIf(!peer)('of CRIU 4.2 goes when we restore there (needs CRIU_PEER)', async () => {
        const imagesDir = freshDir();
        const pids = family(victim.pid);
        const args = [
          '-t',
          `${victim.pid}`,
          '-D',
          imagesDir,
          '--network-lock',
          networkLock,
          '-o',
          'dump.log',
        ];
        execFileSync(peer ?? '', ['dump', ...args], { stdio: 'pipe' });
        await free(pids);
        expect(locks()).not.toEqual([]);
        await restore({ imagesDir, detached: true, joinNamespaces: [`net:${holder.pid}`] });
        expect(await victim.verify()).toBe('ok');
        expect(locks()).toEqual([]);
      });

      it.skipIf(!peer)('goes when CRIU 4.2 restores there (needs CRIU_PEER)', async () => {
        const imagesDir = await dumped(networkLock);
        expect(locks()).not.toEqual([]);
        const args = [
          '-d',
          '-D',
          imagesDir,
          '--join-ns',
          `net:/proc/${holder.pid}/ns/net`,
          '-o',
          'restore.log',
        ];
        execFileSync(peer ?? '', ['restore', ...args], { stdio: 'pipe' });
        expect(await victim.verify()).toBe('ok');
        expect(locks()).toEqual([]);
      });
    });

    it('is not there when the caller holds the network', async () => {
      const imagesDir = await dumped('skip');
      expect(locks()).toEqual([]);
      await restore({ imagesDir, detached: true });
      expect(await victim.verify()).toBe('ok');
    });
  },
);
