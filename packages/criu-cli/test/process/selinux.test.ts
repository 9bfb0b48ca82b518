// Tasks of SELinux keep their labels, and those of their sockets, of what they make and of file systems. This takes the policy of
// tools/kernels/selinux.mjs: npm run test:kernels -- trixie --lsm selinux packages/criu-cli/test/process/selinux.test.ts
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { cstring, sys } from '@criu/native';
import { afterAll, afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { CriuError } from '../../src/errors.js';
import { dump, restore } from '../../src/operations.js';
import type { RestoreOptions } from '../../src/options.js';
import { readAttrCurrent } from '../../src/proc/index.js';
import { cleanUp, isRoot, Victim } from '../dump/victim.js';
import { inOwnMounts } from '../namespaces/own-mounts.js';
import { roundTrip } from '../round-trip.js';
import { free, freshDir } from '../support.js';

afterAll(cleanUp);

const label = (type: string) => `criu_u:criu_r:criu_${type}_t:s0`;
const [A, B] = [label('a'), label('b')];
const here = isRoot && existsSync('/sys/fs/selinux') && readAttrCurrent(process.pid) === label('base');

const enforce = (on: boolean) => writeFileSync('/sys/fs/selinux/enforce', on ? '1' : '0');

const start = (own = A, env: Record<string, string> = {}) =>
  Victim.start('labelled', { OWN: own, OTHERS: B, ...env }, new URL('victims/labelled.c', import.meta.url));

/** Uses a victim, and ends it. */
async function withVictim(victim: Promise<Victim>, use: (victim: Victim) => Promise<void>): Promise<void> {
  const started = await victim;
  try {
    await use(started);
  } finally {
    await started.end();
  }
}

/** The label of a file in the mount namespace of a task. */
function labelOf(pid: number, path: string): string {
  const room = Buffer.alloc(256);
  const file = cstring(`/proc/${pid}/root${path}`);
  const size = sys('getxattr', file, cstring('security.selinux'), room, room.length);
  return room.toString('latin1', 0, size).replace(/\0$/, '');
}

describe.skipIf(!here)('labels of SELinux (need root, and the policy for tests)', () => {
  it('are those of the dump, of tasks, of sockets and of what is made later', () =>
    withVictim(start(), async (victim) => {
      for (let i = 0; i < 2; i++) {
        await roundTrip(victim);
        expect(await victim.verify()).toBe('ok');
      }
    }));

  it('are others by --lsm-profile, for all threads', () =>
    withVictim(start(), async (victim) => {
      const imagesDir = freshDir();
      await dump({ pid: victim.pid, imagesDir });
      await victim.gone();
      await restore({ imagesDir, detached: true, lsmProfile: `selinux:${B}` });
      const tasks = `/proc/${victim.pid}/task`;
      const labels = readdirSync(tasks).map((tid) => readFileSync(`${tasks}/${tid}/attr/current`, 'latin1'));
      expect(labels.map((label) => label.replace(/\0$/, ''))).toEqual([B, B]);
    }));

  it.each([
    ['is that of the dump', `${A}:c0,c1`, {}],
    ['is another one by --lsm-mount-context', `${B}:c0,c1`, { lsmMountContext: `${B}:c0,c1` }],
    ['may have no commas', B, { lsmMountContext: B }],
  ] as [string, string, Partial<RestoreOptions>][])('of a mounted file system %s', (_, expected, options) =>
    inOwnMounts(
      'own-root',
      new URL('../namespaces/victims/own-root.c', import.meta.url),
      {
        // The file system of SELinux itself is not restored, and mount(8) needs it.
        SETUP: `mkdir $PLACE/in && mount -t tmpfs -o 'context="${A}:c0,c1"',size=1m none $PLACE/in && echo text > $PLACE/in/file && umount /sys/fs/selinux`,
      },
      async (victim, place) => {
        expect(labelOf(victim.pid, join(place, 'in/file'))).toBe(`${A}:c0,c1`);
        const imagesDir = freshDir();
        await dump({ pid: victim.pid, imagesDir });
        await victim.gone();
        await restore({ imagesDir, detached: true, ...options });
        expect(readFileSync(`/proc/${victim.pid}/root${place}/in/file`, 'utf8')).toBe('text\n');
        for (const path of ['in', 'in/file']) expect(labelOf(victim.pid, join(place, path))).toBe(expected);
      },
    ),
  );

  it('that the policy does not have are refused', () =>
    withVictim(start(), async (victim) => {
      const imagesDir = freshDir();
      await dump({ pid: victim.pid, imagesDir });
      await victim.gone();
      await expect(
        restore({ imagesDir, detached: true, lsmProfile: 'selinux:criu_u:criu_r:nobody_t:s0' }),
      ).rejects.toMatchObject({
        code: 'UNSUPPORTED',
        message: expect.stringMatching(/nobody_t:s0\), and the policy of this machine has no such context/),
      });
      expect(existsSync(`/proc/${victim.pid}`)).toBe(false);
    }));
});

describe.skipIf(!here)('a policy of SELinux that is enforced', () => {
  beforeEach(() => enforce(true));
  afterEach(() => enforce(false));

  it('lets confined tasks be dumped and restored', () =>
    withVictim(start(label('box'), { CONFINED: '1' }), async (victim) => {
      for (let i = 0; i < 2; i++) {
        await roundTrip(victim);
        expect(await victim.verify()).toBe('ok');
      }
    }));

  it.each([
    ['untraced', /its security module does not permit that it is traced/],
    ['no_code', /cannot map code: mmap gave EACCES[\s\S]*execmem/],
  ])('that denies a dump leaves the task as it is (%s)', (type, said) =>
    withVictim(start(label(type)), async (victim) => {
      const error = await dump({ pid: victim.pid, imagesDir: freshDir() }).catch((one: unknown) => one);
      expect(error).toMatchObject({ code: 'NOT_PERMITTED' });
      expect((error as CriuError).explain()).toMatch(said);
      expect(await victim.verify()).toBe('ok');
    }),
  );

  it('does not keep tasks from ending with their dump', () =>
    withVictim(start(label('unkilled')), async (victim) => {
      await roundTrip(victim);
      expect(await victim.verify()).toBe('ok');
    }));

  it('that denies a restore is told with the label, and nothing is left', async () => {
    enforce(false);
    await withVictim(start(label('closed')), async (victim) => {
      enforce(true);
      const imagesDir = freshDir();
      await dump({ pid: victim.pid, imagesDir });
      await free([victim.pid]);
      await expect(restore({ imagesDir, detached: true })).rejects.toMatchObject({
        code: 'NOT_PERMITTED',
        message: expect.stringMatching(/does not permit that it changes to the label .*closed_t/),
      });
      expect(existsSync(`/proc/${victim.pid}`)).toBe(false);
      enforce(false);
      await restore({ imagesDir, detached: true });
      expect(await victim.verify()).toBe('ok');
    });
  });
});
