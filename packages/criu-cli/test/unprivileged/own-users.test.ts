// Without root, tasks in a user namespace that their user has made: dumped and restored by him, as far as he may.
import { chmodSync, existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { readImageSync, writeImageSync } from '@criu/images';
import { afterAll, describe, expect, it } from 'vitest';
import { cleanUp, scratch, Victim } from '../dump/victim.js';
import { family } from '../support.js';
import { AS_USER, asUser, CRIU, dumped, imagesFor, possible, restored, UID } from './as-user.js';

afterAll(cleanUp);

/** Starts a victim as that user, below unshare(1). @returns with the pid of what is dumped */
async function start(source: string, namespaces: readonly string[]) {
  chmodSync(scratch(), 0o777);
  const name = source.replace(/^.*\//, '').replace(/\.c$/, '');
  const command = [...AS_USER, 'unshare', '-Ur', '--pid', '--fork', ...namespaces].join(' ');
  const victim = await Victim.start(name, {}, new URL(`../${source}`, import.meta.url), [
    'sh',
    '-c',
    `exec ${command} setsid "$0" >/dev/null 2>&1`,
  ]);
  return { victim, pid: family(victim.pid)[1] ?? 0 };
}

const verify = (victim: Victim, pid: number) => {
  process.kill(pid, 'SIGUSR1');
  return victim.said();
};

async function end(victim: Victim, pid: number): Promise<void> {
  if (existsSync(`/proc/${pid}`)) process.kill(pid, 'SIGKILL');
  await victim.end();
}

describe.skipIf(!possible)('tasks in a user namespace of their user (needs root to become one)', () => {
  it.each([
    ['restore/victims/pipes.c', 1],
    ['timers/victims/expired.c', 2],
    ['dump/victims/everything.c', 2],
  ])('come back in one with the same maps (%s)', async (source, rounds) => {
    const { victim, pid: first } = await start(source, []);
    let pid = first;
    try {
      for (let i = 0; i < rounds; i++) {
        const dir = imagesFor(`${victim.pid}-${i}`);
        await dumped(pid, dir);
        expect(restored(dir)).toEqual({ code: 0, text: expect.anything() });
        pid = Number(readFileSync(join(dir, 'pid'), 'utf8'));
        expect(readFileSync(`/proc/${pid}/uid_map`, 'utf8')).toMatch(new RegExp(`^ *0 +${UID} +1\\n$`));
        expect(await verify(victim, pid)).toBe('ok');
      }
    } finally {
      await end(victim, pid);
    }
  });

  it('are refused with the capability that is missing, and may be restored then', async () => {
    const { victim, pid: first } = await start('timers/victims/expired.c', []);
    let pid = first;
    try {
      const dir = imagesFor('maps');
      await dumped(pid, dir);
      const id = readImageSync(join(dir, 'ids-1.img'), 'IDS')[0]?.entry.user_ns_id;
      const file = join(dir, `userns-${id}.img`);
      const [item] = readImageSync(file, 'USERNS');
      if (!item) throw new Error('no user namespace');
      const { entry } = item;
      const before = readdirSync(dir);
      for (const [change, capability] of [
        [{ uid_map: [{ first: 0, lower_first: UID, count: 2 }] }, 'CAP_SETUID'],
        [{ uid_map: [{ first: 0, lower_first: 7, count: 1 }] }, 'CAP_SETUID'],
        [{ gid_map: [{ first: 0, lower_first: 7, count: 1 }] }, 'CAP_SETGID'],
        [{ setgroups_denied: false }, 'CAP_SETGID'],
        [{ outer_groups: [7] }, 'CAP_SETGID'],
      ] as const) {
        writeImageSync(file, 'USERNS', [{ ...item, entry: { ...entry, ...change } as typeof entry }]);
        expect(restored(dir)).toEqual({ code: 1, text: expect.stringMatching(`this takes ${capability}`) });
        expect(readdirSync(dir)).toEqual(before);
      }
      writeImageSync(file, 'USERNS', [item]);
      expect(restored(dir)).toEqual({ code: 0, text: expect.anything() });
      pid = Number(readFileSync(join(dir, 'pid'), 'utf8'));
      expect(await verify(victim, pid)).toBe('ok');
    } finally {
      await end(victim, pid);
    }
  });

  it.each(['net', 'uts', 'ipc', 'cgroup'])(
    'run on where it takes more to look into a namespace (%s)',
    async (kind) => {
      const { victim, pid } = await start('timers/victims/expired.c', [`--${kind}`]);
      try {
        const dir = imagesFor(`more-${kind}`);
        expect(asUser([CRIU, 'dump', '-t', String(pid), '-D', dir, '--unprivileged'])).toEqual({
          code: 1,
          text: expect.stringMatching(/this takes CAP_SYS_ADMIN/),
        });
        expect(await verify(victim, pid)).toBe('ok');
      } finally {
        await end(victim, pid);
      }
    },
  );
});
