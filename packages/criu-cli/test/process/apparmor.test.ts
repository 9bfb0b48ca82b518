// Tasks that AppArmor confines have their profile after a restore, whatever it forbids them. On a kernel without AppArmor
// `npm run test:kernels` runs this.
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { dump, restore } from '../../src/operations.js';
import { cleanUp, isRoot, scratch } from '../dump/victim.js';
import { free } from '../namespaces/cycle.js';
import { freshDir, until } from '../support.js';

const possible =
  isRoot &&
  existsSync('/sys/kernel/security/apparmor/.load') &&
  spawnSync('apparmor_parser', ['--version']).status === 0;

/** The first may do everything; the second neither gets a signal nor uses a socket. */
const OPEN = 'criu-test-open';
const TIGHT = 'criu-test-tight';
const OTHER = 'criu-test-other';
const MAY_ALL = 'file, capability, network, signal, ptrace, unix,';
const PROFILES = `
profile ${OPEN} flags=(attach_disconnected) { ${MAY_ALL} }
profile ${OTHER} flags=(attach_disconnected) { ${MAY_ALL} }
profile ${TIGHT} { /usr/bin/sleep rmix, /lib/** rm, /usr/lib/** rm, /etc/ld.so.* r, }
`;

afterAll(cleanUp);

describe.skipIf(!possible)('tasks that AppArmor confines (need root, and AppArmor)', () => {
  let file: string;
  const parser = (option: string) => spawnSync('apparmor_parser', [option, file], { stdio: 'ignore' });
  const started: number[] = [];

  beforeAll(() => {
    file = join(scratch(), 'profiles');
    writeFileSync(file, PROFILES);
  });
  afterEach(() => {
    // A task whose profile is gone can be killed.
    parser('-R');
    for (const pid of started.splice(0)) if (existsSync(`/proc/${pid}`)) process.kill(pid, 'SIGKILL');
  });

  async function start(label: string, command: string, wrapper: readonly string[] = []): Promise<number> {
    parser('-r');
    const enter = `echo 'changeprofile ${label}' >/proc/self/attr/current && exec ${command}`;
    const [program = 'sh', ...args] = [...wrapper, 'sh', '-c', enter];
    const { pid = 0 } = spawn(program, args, { stdio: 'ignore', detached: true });
    started.push(pid);
    await until('the task is confined', () => labels(pid).every((text) => text.startsWith(label)));
    return pid;
  }
  const labels = (pid: number) =>
    readdirSync(`/proc/${pid}/task`).map((tid) =>
      readFileSync(`/proc/${pid}/task/${tid}/attr/current`, 'latin1').trim(),
    );

  async function dumped(pid: number): Promise<string> {
    const imagesDir = freshDir();
    await dump({ pid, imagesDir });
    await free([pid]);
    return imagesDir;
  }

  it.each([
    ['that may do everything', OPEN, []],
    ['that may neither be killed nor use a socket', TIGHT, []],
    ['of several profiles', `${OPEN}//&${OTHER}`, []],
    ['with no_new_privs', OPEN, ['setpriv', '--no-new-privs']],
  ])('have the label they had: one %s', async (_, label, wrapper) => {
    const pid = await start(label, 'sleep 1000', wrapper);
    for (let i = 0; i < 2; i++) {
      await restore({ imagesDir: await dumped(pid), detached: true });
      expect(labels(pid)).toEqual([`${label} (enforce)`]);
      expect(readFileSync(`/proc/${pid}/stat`, 'latin1')).toContain('(sleep) S');
    }
  });

  it('have it in each of their threads', async () => {
    const pid = await start(OPEN, `${process.execPath} -e 'setInterval(() => {}, 1000)'`);
    await until('threads', () => labels(pid).length > 4);
    await restore({ imagesDir: await dumped(pid), detached: true });
    expect(new Set(labels(pid))).toEqual(new Set([`${OPEN} (enforce)`]));
  });

  it('get another one if it is asked for, or none', async () => {
    const pid = await start(OPEN, 'sleep 1000');
    const imagesDir = await dumped(pid);
    await restore({ imagesDir, detached: true, lsmProfile: `apparmor:${OTHER}` });
    expect(labels(pid)).toEqual([`${OTHER} (enforce)`]);
    process.kill(pid, 'SIGKILL');
    await free([pid, pid]);
    await restore({ imagesDir, detached: true, lsmProfile: 'none' });
    expect(labels(pid)).toEqual(['unconfined']);
  });

  it('are refused if their profile is not there', async () => {
    const pid = await start(OPEN, 'sleep 1000');
    const imagesDir = await dumped(pid);
    parser('-R');
    await expect(restore({ imagesDir, detached: true })).rejects.toMatchObject({
      message: expect.stringMatching(new RegExp(`this machine has no profile ${OPEN}`)),
      remedy: expect.stringMatching(/apparmor_parser/),
    });
    expect(existsSync(`/proc/${pid}`)).toBe(false);
  });
});
