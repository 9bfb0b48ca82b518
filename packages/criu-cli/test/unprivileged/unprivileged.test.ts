// Without root (`--unprivileged`): who has CAP_CHECKPOINT_RESTORE dumps and restores tasks of his own, and what takes more is
// refused with the name of the capability, and undone.
import { chmodSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { readImageSync, writeImageSync } from '@criu/images';
import { afterAll, describe, expect, it } from 'vitest';
import { restore } from '../../src/operations.js';
import { cleanUp, scratch, Victim } from '../dump/victim.js';
import { AS_USER, asUser, CRIU, dumped, imagesFor, possible, restored } from './as-user.js';

afterAll(cleanUp);

async function start(source: string, env: Record<string, string> = {}): Promise<Victim> {
  chmodSync(scratch(), 0o777);
  const name = source.replace(/^.*\//, '').replace(/\.c$/, '');
  // What it writes to is its own.
  const started = await Victim.start(name, env, new URL(`../${source}`, import.meta.url), [
    'sh',
    '-c',
    `exec ${AS_USER.join(' ')} "$0" >/dev/null 2>&1`,
  ]);
  return started;
}

describe.skipIf(!possible)('a user with CAP_CHECKPOINT_RESTORE (needs root to become one)', () => {
  for (const [source, rounds] of [
    ['dump/victims/everything.c', 2],
    ['restore/victims/pipes.c', 1],
    ['restore/victims/terminals.c', 1],
    ['restore/victims/orphans.c', 1],
  ] as const)
    it(`dumps and restores tasks of his own (${source})`, async () => {
      const victim = await start(source);
      try {
        for (let i = 0; i < rounds; i++) {
          const dir = imagesFor(`${victim.pid}-${i}`);
          await dumped(victim.pid, dir);
          const { code, text } = restored(dir);
          expect([code, text]).toEqual([
            0,
            expect.stringMatching(/^(Warn.*clocks are those of the machine.*\n)?$/),
          ]);
          expect(await victim.verify()).toBe('ok');
        }
      } finally {
        await victim.end();
      }
    });

  it('is told which capability a task with a seccomp filter takes, which runs on', async () => {
    const victim = await start('unprivileged/victims/filtered.c');
    try {
      const command = [
        CRIU,
        'dump',
        '-t',
        String(victim.pid),
        '-D',
        imagesFor('of filtered'),
        '--unprivileged',
      ];
      expect(asUser(command)).toEqual({
        code: 1,
        text: expect.stringMatching(/CAP_SYS_ADMIN(?!.*CAP_SYS_PTRACE)/s),
      });
      expect(await victim.verify()).toBe('ok');
    } finally {
      await victim.end();
    }
  });

  it('is told which capability is missing, and may try again', async () => {
    const victim = await start('timers/victims/expired.c');
    try {
      const dir = imagesFor('missing');
      await dumped(victim.pid, dir);
      const before = readdirSync(dir);
      expect(restored(dir, [])).toEqual({
        code: 1,
        text: expect.stringMatching(/this takes CAP_CHECKPOINT_RESTORE/),
      });
      const core = join(dir, `core-${victim.pid}.img`);
      const [item] = readImageSync(core, 'CORE');
      const creds = item?.entry.thread_core?.creds;
      if (!item || !creds) throw new Error('the image has no credentials');
      const { uid, groups, secbits } = creds;
      for (const [change, capability] of [
        [{ uid: 0 }, 'CAP_SETUID'],
        [{ groups: [5] }, 'CAP_SETGID'],
        [{ secbits: 4 }, 'CAP_SETPCAP'],
      ] as const) {
        Object.assign(creds, change);
        writeImageSync(core, 'CORE', [item]);
        expect(restored(dir)).toEqual({ code: 1, text: expect.stringMatching(`this takes ${capability}`) });
        Object.assign(creds, { uid, groups, secbits });
      }
      writeImageSync(core, 'CORE', [item]);
      expect(readdirSync(dir)).toEqual(before);
      expect(restored(dir).code).toBe(0);
      expect(await victim.verify()).toBe('ok');
    } finally {
      await victim.end();
    }
  });

  it('cannot dump a task of somebody else, which runs on', async () => {
    chmodSync(scratch(), 0o777);
    const victim = await Victim.start('expired', {}, new URL('../timers/victims/expired.c', import.meta.url));
    try {
      const dir = imagesFor('of-root');
      const said = asUser([CRIU, 'dump', '-t', String(victim.pid), '-D', dir, '--unprivileged']);
      expect(said).toEqual({ code: 1, text: expect.stringMatching(/CAP_SYS_PTRACE/) });
      expect(await victim.verify()).toBe('ok');
    } finally {
      await victim.end();
    }
  });

  it.each([
    ['restore/victims/datagrams.c', /datagrams wait in its queue, which only CAP_NET_ADMIN/],
    ['files/victims/unread.c', /watched inode .* was not found .*[\s\S]*CAP_DAC_READ_SEARCH/],
  ])('has a task left running that he could not restore (%s)', async (source, message) => {
    const victim = await start(source);
    try {
      const dir = imagesFor(`kept-${victim.pid}`);
      const args = ['-t', String(victim.pid), '-D', dir, '--unprivileged', '--file-locks'];
      expect(asUser([CRIU, 'dump', ...args])).toEqual({ code: 1, text: expect.stringMatching(message) });
      expect(readFileSync(`/proc/${victim.pid}/status`, 'latin1')).toMatch(/^TracerPid:\t0$/m);
    } finally {
      await victim.end();
    }
  });

  it('has a task left running that has a file of somebody else open', async () => {
    chmodSync(scratch(), 0o777);
    // Its output goes to a file of root.
    const source = new URL('../restore/victims/pipes.c', import.meta.url);
    const victim = await Victim.start('pipes', {}, source, AS_USER);
    try {
      const dir = imagesFor('file-of-root');
      const said = asUser([CRIU, 'dump', '-t', String(victim.pid), '-D', dir, '--unprivileged']);
      expect(said).toEqual({
        code: 1,
        text: expect.stringMatching(
          /has it open for writing, as who runs criu may not .*[\s\S]*--inherit-fd/,
        ),
      });
      expect(await victim.verify()).toBe('ok');
    } finally {
      await victim.end();
    }
  });

  it('is told what keeps a port from him, which root frees', async () => {
    const victim = await start('restore/victims/leftovers.c', { ALL_CLOSED: '1' });
    try {
      const imagesDir = imagesFor('closed-connections');
      await dumped(victim.pid, imagesDir);
      expect(restored(imagesDir)).toEqual({
        code: 1,
        text: expect.stringMatching(/to port \d+: bind: EADDRINUSE[\s\S]*wait until closed connections/),
      });
      await restore({ imagesDir, detached: true });
      expect(await victim.verify()).toBe('ok');
    } finally {
      await victim.end();
    }
  });

  it('finds what he needs with `criu check --unprivileged`', () => {
    expect(asUser([CRIU, 'check', '--unprivileged'])).toEqual({
      code: expect.toBeOneOf([0, 1]),
      text: expect.stringMatching(/^Looks good/m),
    });
    expect(asUser([CRIU, 'check'])).toEqual({ code: 1, text: expect.stringMatching(/needs root/) });
    const without = asUser([CRIU, 'check', '--unprivileged'], []);
    expect(without).toEqual({
      code: 1,
      text: expect.stringMatching(
        /^clone3_set_tid: .*lacks CAP_CHECKPOINT_RESTORE[\s\S]*Does not look good/m,
      ),
    });
  });
});
