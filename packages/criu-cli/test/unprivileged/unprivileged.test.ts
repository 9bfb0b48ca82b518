// Without root (`--unprivileged`): who has CAP_CHECKPOINT_RESTORE dumps and restores tasks of his own, and what takes more is
// refused with the name of the capability, and undone.
import { spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { readImageSync, writeImageSync } from '@criu/images';
import { sysRaw } from '@criu/native';
import { afterAll, describe, expect, it } from 'vitest';
import { cleanUp, isRoot, scratch, Victim } from '../dump/victim.js';
import { free } from '../namespaces/cycle.js';
import { family } from '../support.js';

afterAll(cleanUp);

const WNOHANG = 1;
const UID = 54321;
const CRIU = fileURLToPath(new URL('../../bin/criu', import.meta.url));
const AS_USER = ['setpriv', `--reuid=${UID}`, `--regid=${UID}`, '--clear-groups'];
const RESTORER = ['--inh-caps=+checkpoint_restore', '--ambient-caps=+checkpoint_restore'];

interface Said {
  readonly code: number | null;
  readonly text: string;
}

/** Runs a command as that user, with CAP_CHECKPOINT_RESTORE unless it is to have nothing. */
function asUser(command: readonly string[], capabilities: readonly string[] = RESTORER): Said {
  const [first = '', ...args] = [...AS_USER, ...capabilities, 'setsid', '--wait', ...command];
  const { NODE_EXTRA_CA_CERTS: _, ...env } = process.env;
  const { status, stdout, stderr } = spawnSync(first, args, {
    encoding: 'utf8',
    env: { ...env, PATH: `${dirname(process.execPath)}:${process.env['PATH'] ?? ''}`, NO_COLOR: '1' },
    timeout: 60_000,
  });
  return { code: status, text: `${stdout}${stderr}` };
}

// Makes the bundle that the user has no place for.
if (isRoot) spawnSync(CRIU, ['--version']);
/** The checkout may be in a folder that others cannot read. */
const possible = isRoot && asUser([CRIU, '--version']).code === 0;

function imagesFor(name: string): string {
  const dir = join(scratch(), name);
  mkdirSync(dir);
  chmodSync(dir, 0o777);
  return dir;
}

async function start(source: string): Promise<Victim> {
  chmodSync(scratch(), 0o777);
  const name = source.replace(/^.*\//, '').replace(/\.c$/, '');
  // What it writes to is its own.
  const started = await Victim.start(name, {}, new URL(`../${source}`, import.meta.url), [
    'sh',
    '-c',
    `exec ${AS_USER.join(' ')} "$0" >/dev/null 2>&1`,
  ]);
  return started;
}

async function dumped(victim: Victim, dir: string): Promise<void> {
  const pids = family(victim.pid);
  const said = asUser([CRIU, 'dump', '-t', String(victim.pid), '-D', dir, '--unprivileged', '--file-locks']);
  expect(said).toEqual({ code: 0, text: '' });
  // A restored one is left to this process, when criu has ended.
  const reap = setInterval(() => sysRaw('wait4', victim.pid, new Int32Array(2), WNOHANG, null), 10);
  await free(pids).finally(() => clearInterval(reap));
}

function restored(dir: string, capabilities?: readonly string[]): Said {
  return asUser([CRIU, 'restore', '-d', '-D', dir, '--unprivileged', '--file-locks'], capabilities);
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
          await dumped(victim, dir);
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

  it('is told which capability is missing, and may try again', async () => {
    const victim = await start('timers/victims/expired.c');
    try {
      const dir = imagesFor('missing');
      await dumped(victim, dir);
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
