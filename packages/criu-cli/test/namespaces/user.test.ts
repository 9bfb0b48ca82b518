// User namespaces: ids, capabilities and owners are those that tasks had, and what is in the way of their maps is said before anything
// exists.
import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync, readlinkSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { encodeImage, readImageSync, type UsernsEntry } from '@criu/images';
import { afterAll, describe, expect, it } from 'vitest';
import { dump, restore } from '../../src/operations.js';
import { cleanUp, isRoot, leaveOthers } from '../dump/victim.js';
import { family, freshDir } from '../support.js';
import { free } from './cycle.js';
import { type Contained, withContained } from './own-users.js';

afterAll(cleanUp);

const CRIU = fileURLToPath(new URL('../../bin/criu', import.meta.url));
const withUser = (use: (contained: Contained) => Promise<void>, env = {}) => withContained('user', use, env);
const KINDS = ['user', 'pid', 'uts', 'ipc', 'net'];

/** The user namespace that a namespace belongs to, and all tasks, must be that of init. */
function inOneNamespace(init: number): void {
  for (const kind of KINDS) {
    const links = family(init).map((pid) => readlinkSync(`/proc/${pid}/ns/${kind}`));
    expect(new Set(links).size).toBe(1);
    expect(links[0]).not.toBe(readlinkSync(`/proc/self/ns/${kind}`));
  }
}

function imageOf(dir: string): { path: string; entry: UsernsEntry } {
  const id = readImageSync(join(dir, 'ids-1.img'), 'IDS')[0]?.entry.user_ns_id;
  const path = join(dir, `userns-${id}.img`);
  const [item] = readImageSync(path, 'USERNS');
  if (!item) throw new Error('no entry');
  return { path, entry: item.entry };
}

describe.skipIf(!isRoot)('a user namespace (needs root)', () => {
  it('comes back with its maps, and all that belongs to its users', () =>
    withUser(async (contained) => {
      expect(await contained.verify()).toBe('ok');
      for (let i = 0; i < 2; i++) {
        await contained.cycle();
        expect(await contained.verify()).toBe('ok');
        inOneNamespace(contained.init);
      }
    }));

  it('comes back where nobody may set groups', () =>
    withUser(
      async (contained) => {
        expect(await contained.verify()).toBe('ok');
        for (let i = 0; i < 2; i++) {
          await contained.cycle();
          expect(await contained.verify()).toBe('ok');
        }
      },
      { DENIED: '1' },
    ));

  it.each([
    ['with a pid namespace', '--pid --mount-proc'],
    ['with the pids of the machine', ''],
  ])('shows devices and sysfs of the machine, which it cannot mount, %s', (_, pids) =>
    withContained(
      'devices',
      async (contained) => {
        for (let i = 0; i < 2; i++) {
          await contained.cycle();
          expect(await contained.verify()).toBe('ok');
        }
      },
      {},
      [
        ...['unshare', '--mount', '--propagation', 'private', 'sh', '-c'],
        `${leaveOthers('/dev')}
        exec unshare --user --map-root-user --mount --fork ${pids} setsid sh -c \\
          'exec "$0" </dev/null >>"$(readlink /proc/$$/fd/1)" 2>&1' "$0"`,
      ],
    ),
  );

  it('is left as it was when the dump fails', () =>
    withUser(async (contained) => {
      for (const point of ['collect', 'describe', 'write'])
        await expect(
          dump({ pid: contained.init, imagesDir: freshDir(), faults: [point] }),
        ).rejects.toMatchObject({ code: 'INTERNAL' });
      expect(await contained.verify()).toBe('ok');
    }));

  it('is refused where its tasks could not get their pids back', () =>
    withUser(
      async (contained) => {
        await expect(dump({ pid: contained.init, imagesDir: freshDir() })).rejects.toMatchObject({
          code: 'UNSUPPORTED',
          cause: { message: expect.stringMatching(/no pid namespace/) },
        });
        expect(await contained.verify()).toBe('ok');
      },
      { NO_PIDS: '1' },
    ));

  it('is not made where its maps are none, and nothing is left of a restore that fails', () =>
    withUser(async (contained) => {
      const dir = freshDir();
      const pids = family(contained.init);
      await dump({ pid: contained.init, imagesDir: dir });
      await free(pids);
      // CRIU reads them as the root of the namespace; nobody else does.
      for (const name of readdirSync(dir).filter((file) => file.endsWith('.img'))) {
        const { mode, uid, gid } = statSync(join(dir, name));
        expect([name, mode & 0o777, uid, gid]).toEqual([name, 0o640, 0, 310000]);
      }
      const { path, entry } = imageOf(dir);
      const good = readFileSync(path);
      const range = { first: 0, lower_first: 300000, count: 10 };
      const bad: [change: Partial<UsernsEntry>, message: RegExp][] = [
        [{ uid_map: [] }, /uid_map: 0 ranges/],
        [{ gid_map: [{ ...range, count: 0 }] }, /gid_map: 0 ids/],
        [{ uid_map: [{ ...range, lower_first: 0xffffffff }] }, /uid_map: .* no range/],
        [{ uid_map: [range, { ...range, first: 5, lower_first: 1 }] }, /id 5 inside is there twice/],
        [{ uid_map: [range, { ...range, first: 50 }] }, /id 300000 outside is there twice/],
        // Tasks run as users that are not there any more.
        [{ uid_map: [{ ...range, count: 3 }] }, /user 7/],
      ];
      for (const [change, message] of bad) {
        writeFileSync(path, encodeImage('USERNS', [{ entry: { ...entry, ...change } }]));
        await expect(restore({ imagesDir: dir, detached: true })).rejects.toMatchObject({
          code: 'BAD_IMAGE',
          message: expect.stringMatching(message),
        });
      }
      writeFileSync(path, good);
      const elsewhere = spawnSync(
        'unshare',
        ['--user', '--map-root-user', CRIU, 'restore', '-d', '-D', dir],
        {
          encoding: 'utf8',
        },
      );
      expect([elsewhere.status, elsewhere.stderr]).toEqual([
        1,
        expect.stringMatching(/maps users 300000 to 300999, not all of which are there/),
      ]);
      for (const point of ['namespaces', 'files', 'threads', 'commit'])
        await expect(restore({ imagesDir: dir, detached: true, faults: [point] })).rejects.toMatchObject({
          code: 'INTERNAL',
        });
      expect(family(process.pid).filter((pid) => /criu-agent/.test(commandOf(pid)))).toEqual([]);
      contained.init = (await restore({ imagesDir: dir, detached: true })).pid;
      expect(await contained.verify()).toBe('ok');
    }));
});

function commandOf(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/stat`, 'latin1');
  } catch {
    return '';
  }
}
