// Tasks of SELinux keep their labels, and those of their sockets. This takes the policy of tools/kernels/selinux.mjs:
// npm run test:kernels -- trixie --lsm selinux packages/criu-cli/test/process/selinux.test.ts
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { afterAll, describe, expect, it } from 'vitest';
import { dump, restore } from '../../src/operations.js';
import { readAttrCurrent } from '../../src/proc/index.js';
import { cleanUp, isRoot, Victim } from '../dump/victim.js';
import { roundTrip } from '../round-trip.js';
import { freshDir } from '../support.js';

afterAll(cleanUp);

const [A, B] = ['criu_u:criu_r:criu_a_t:s0', 'criu_u:criu_r:criu_b_t:s0'];
const here =
  isRoot && existsSync('/sys/fs/selinux') && readAttrCurrent(process.pid) === 'criu_u:criu_r:criu_base_t:s0';

const start = () =>
  Victim.start('labelled', { OWN: A, OTHERS: B }, new URL('victims/labelled.c', import.meta.url));

describe.skipIf(!here)('labels of SELinux (need root, and the policy for tests)', () => {
  it('are those of the dump, of tasks and of sockets', async () => {
    const victim = await start();
    try {
      for (let i = 0; i < 2; i++) {
        await roundTrip(victim);
        expect(await victim.verify()).toBe('ok');
      }
    } finally {
      await victim.end();
    }
  });

  it('are others by --lsm-profile, for all threads', async () => {
    const victim = await start();
    try {
      const imagesDir = freshDir();
      await dump({ pid: victim.pid, imagesDir });
      await victim.gone();
      await restore({ imagesDir, detached: true, lsmProfile: `selinux:${B}` });
      const tasks = `/proc/${victim.pid}/task`;
      const labels = readdirSync(tasks).map((tid) => readFileSync(`${tasks}/${tid}/attr/current`, 'latin1'));
      expect(labels.map((label) => label.replace(/\0$/, ''))).toEqual([B, B]);
    } finally {
      await victim.end();
    }
  });
});
