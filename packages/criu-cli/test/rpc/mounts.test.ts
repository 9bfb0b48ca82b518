// Fields of requests about mounts, by what they do: swrk is asked as container engines do it.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { readImageSync } from '@criu/images';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { cleanUp as endVictims, isRoot, scratch, Victim } from '../dump/victim.js';
import { free } from '../namespaces/cycle.js';
import { cleanUp, dumpRequest, type Options, openDir, restoreRequest } from './client.js';
import { prepare, swrk } from './real.js';

afterEach(cleanUp);
afterAll(endVictims);

const OWN = ['unshare', '--mount', '--propagation', 'private'];

async function withVictim(
  env: Record<string, string>,
  use: (victim: Victim, place: string) => Promise<void>,
  wrap: (outside: string) => Promise<readonly string[]> = async () => OWN,
): Promise<void> {
  const top = mkdtempSync(join(scratch(), 'rpc-mounts-'));
  const [place, outside, other] = ['place', 'outside', 'other'].map((name) => join(top, name));
  if (!place || !outside || !other) throw new Error('no folders');
  for (const dir of [place, outside, other]) {
    mkdirSync(dir);
    writeFileSync(join(dir, 'file'), dir === other ? 'other' : 'outside');
  }
  const source = new URL('victims/own-mounts.c', import.meta.url);
  const victim = await Victim.start(
    'own-mounts',
    { PLACE: place, OUTSIDE: outside, FRESH: 'tmpfs', ...env },
    source,
    await wrap(outside),
  );
  try {
    await use(victim, place);
  } finally {
    await victim.end();
    rmSync(top, { recursive: true, force: true });
  }
}

interface Images {
  readonly dir: string;
  readonly fd: number;
}

async function dump(
  victim: Victim,
  options: Options,
  to: Images = openDir(),
  wrapper: readonly string[] = [],
) {
  const worker = swrk({}, wrapper);
  const answer = await worker.client.ask(dumpRequest({ images_dir_fd: to.fd, pid: victim.pid, ...options }));
  await worker.ended;
  return { ...to, answer };
}

async function restore(victim: Victim, { fd }: Images, options: Options, wrapper: readonly string[] = []) {
  await free([victim.pid]);
  const worker = swrk({}, wrapper);
  const answer = await worker.client.ask(restoreRequest({ images_dir_fd: fd, ...options }));
  await worker.ended;
  return answer;
}

/** The entry of the mount at `given`. */
function givenIn(dir: string) {
  const name = readdirSync(dir).find((file) => file.startsWith('mountpoints-')) ?? '';
  return readImageSync(join(dir, name), 'MNTS').find(({ entry }) => entry.mountpoint.endsWith('/given'))
    ?.entry;
}

describe.skipIf(!isRoot)('requests about mounts (needs root)', () => {
  beforeAll(prepare);

  it('ext_mnt names a mount that is given at restore, skip_mnt leaves one out', () =>
    withVictim({}, async (victim, place) => {
      expect(await victim.verify()).toBe('given outside, left tmpfs, fresh tmpfs');
      const images = await dump(victim, {
        ext_mnt: [{ key: join(place, 'given'), val: 'KEY' }],
        skip_mnt: [join(place, 'left')],
      });
      expect(images.answer).toMatchObject({ success: true });
      expect(givenIn(images.dir)).toMatchObject({ ext_key: 'KEY' });
      expect(await restore(victim, images, {})).toMatchObject({
        success: false,
        cr_errmsg: expect.stringMatching(/external \(KEY\), and nothing is given for it/),
      });
      const given = [{ key: 'KEY', val: join(place, '../other') }];
      expect(await restore(victim, images, { ext_mnt: given, mntns_compat_mode: true })).toMatchObject({
        success: true,
      });
      expect(await victim.verify()).toBe('given other, left folder, fresh tmpfs');
    }));

  it('enable_fs has a file system mounted again that would be refused', () =>
    withVictim({ FRESH: 'ramfs' }, async (victim) => {
      const refused = await dump(victim, {});
      expect(refused.answer).toMatchObject({
        success: false,
        cr_errmsg: expect.stringMatching(/file system ramfs, which is not made again/),
      });
      const images = await dump(victim, { enable_fs: ['ramfs'] });
      expect(images.answer).toMatchObject({ success: true });
      expect(await restore(victim, images, {})).toMatchObject({ success: true });
      expect(await victim.verify()).toBe('given outside, left tmpfs, fresh ramfs');
    }));

  it('auto_ext_mnt finds mounts that the machine has, shared ones only with ext_sharing', () =>
    withVictim({ SHARED: '1' }, async (victim) => {
      const plain = await dump(victim, { auto_ext_mnt: true, leave_running: true });
      expect(plain.answer).toMatchObject({ success: true });
      expect(givenIn(plain.dir)?.ext_key).toBeUndefined();
      const images = await dump(victim, { auto_ext_mnt: true, ext_sharing: true });
      expect(images.answer).toMatchObject({ success: true });
      expect(givenIn(images.dir)).toMatchObject({ ext_key: 'CRIU:AUTOGENERATED', internal_sharing: true });
      expect(await restore(victim, images, {})).toMatchObject({
        success: false,
        cr_errmsg: expect.stringMatching(/found to be external by itself/),
      });
      expect(await restore(victim, images, { auto_ext_mnt: true })).toMatchObject({ success: true });
      expect(await victim.verify()).toBe('given outside, left tmpfs, fresh tmpfs');
    }));

  it('ext_masters keeps a mount a slave of one of the machine', async () => {
    // A machine of the test's own: nothing of the real one can be shared.
    const machine = spawn(
      'unshare',
      [
        '--mount',
        '--propagation',
        'private',
        'sh',
        '-c',
        'read where; mount --bind "$where" "$where" && mount --make-shared "$where" && echo; exec sleep 1000',
      ],
      { stdio: ['pipe', 'pipe', 'inherit'] },
    );
    const within = ['nsenter', '-t', String(machine.pid), '-m'];
    const wrap = async (outside: string) => {
      const there = once(machine.stdout, 'data');
      machine.stdin.end(`${outside}\n`);
      await there;
      return [...within, 'unshare', '--mount', '--propagation', 'slave'];
    };
    /** What the group is that a mount of a task belongs to, or follows. */
    const groupOf = (pid: number | undefined, path: string, kind: 'shared' | 'master') =>
      readFileSync(`/proc/${pid}/mountinfo`, 'latin1')
        .split('\n')
        .filter((line) => line.split(' ')[4] === path)
        .map((line) => new RegExp(`${kind}:(\\d+)`).exec(line)?.[1])
        .at(-1);
    try {
      await withVictim(
        {},
        async (victim, place) => {
          const [given, outside] = [join(place, 'given'), join(place, '../outside')];
          const group = groupOf(machine.pid, outside, 'shared');
          expect(group).toBeDefined();
          expect(groupOf(victim.pid, given, 'master')).toBe(group);
          const plain = await dump(victim, { auto_ext_mnt: true, leave_running: true }, openDir(), within);
          expect(plain.answer).toMatchObject({ success: true });
          expect(givenIn(plain.dir)?.ext_key).toBeUndefined();
          const images = await dump(victim, { auto_ext_mnt: true, ext_masters: true }, openDir(), within);
          expect(images.answer).toMatchObject({ success: true });
          expect(givenIn(images.dir)).toMatchObject({ ext_key: 'CRIU:AUTOGENERATED' });
          expect(
            await restore(victim, images, { auto_ext_mnt: true, ext_masters: true }, within),
          ).toMatchObject({
            success: true,
          });
          expect(await victim.verify()).toBe('given outside, left tmpfs, fresh tmpfs');
          expect(groupOf(victim.pid, given, 'master')).toBe(group);
        },
        wrap,
      );
    } finally {
      machine.kill('SIGKILL');
    }
  });

  it('root is where the mounts of the tasks are put together', () =>
    withVictim({}, async (victim, place) => {
      const images = await dump(victim, {});
      expect(images.answer).toMatchObject({ success: true });
      const nothing = join(place, '../nowhere');
      expect(await restore(victim, images, { root: nothing })).toMatchObject({
        success: false,
        cr_errmsg: expect.stringMatching(/nowhere: cannot clone the mount .*ENOENT/),
      });
      // A folder in which nothing is that the tasks have.
      expect(await restore(victim, images, { root: join(place, '../other') })).toMatchObject({
        success: false,
        cr_errmsg: expect.stringMatching(
          /the mount at \S+\/given is a bind of \S+\/outside on the mount at \/, which is not there/,
        ),
      });
      expect(await restore(victim, images, { root: '/' })).toMatchObject({ success: true });
      expect(await victim.verify()).toBe('given outside, left tmpfs, fresh tmpfs');
    }));
});
