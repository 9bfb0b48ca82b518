// Tasks that AppArmor confines have their profile after a restore, whatever it forbids them. On a kernel without AppArmor
// `npm run test:kernels` runs this.
import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { dump, restore } from '../../src/operations.js';
import { cleanUp, isRoot, peer, scratch } from '../dump/victim.js';
import { free, ours, theirs } from '../namespaces/cycle.js';
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
    // An emulated machine takes its time to compile a policy.
    await until('the task is confined', () => labels(pid).every((text) => text.startsWith(label)), 120_000);
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

  it('are left alone where they were to be stopped, and get no signals', async () => {
    const stateOf = (pid: number) => /\) (\S)/.exec(readFileSync(`/proc/${pid}/stat`, 'latin1'))?.[1];
    const pid = await start(TIGHT, 'sleep 1000');
    await expect(dump({ pid, imagesDir: freshDir(), leaveStopped: true })).rejects.toMatchObject({
      code: 'NOT_PERMITTED',
      message: expect.stringMatching(/keeps signals from it/),
    });
    expect(stateOf(pid)).toBe('S');
    const other = await start(OPEN, 'sleep 1000');
    await dump({ pid: other, imagesDir: freshDir(), leaveStopped: true });
    expect([stateOf(other), labels(other)]).toEqual(['T', [`${OPEN} (enforce)`]]);
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

  describe('with a profile of a policy namespace', () => {
    const NAMESPACE = 'criu-test-ns';
    const POLICY = '/sys/kernel/security/apparmor/policy/namespaces';
    const INNER = 'criu-test-inner';
    const LABEL = `${OPEN}//&:${NAMESPACE}:${INNER}`;
    const made: string[] = [];
    let inner: string;

    const place = (name: string) => `${POLICY}/${name.replaceAll('//', '/namespaces/')}`;
    /** Makes a namespace, with profiles from a text, as somebody inside loads them. */
    function namespace(name: string, text: string): void {
      if (!existsSync(place(name))) mkdirSync(place(name));
      if (!made.includes(name)) made.push(name);
      if (text === '') return;
      writeFileSync(inner, text);
      const policy = execFileSync('apparmor_parser', ['--skip-cache', '--stdout', inner]);
      writeFileSync(`${place(name)}/.replace`, policy);
    }
    const remove = () => {
      for (const name of made.splice(0).reverse()) if (existsSync(place(name))) rmdirSync(place(name));
    };
    const open = (name: string) => `profile ${name} flags=(attach_disconnected) { ${MAY_ALL} }\n`;
    /** Profiles of a namespace, with the size of their policy. */
    const loaded = (name: string) => {
      const folder = `${place(name)}/profiles`;
      return Object.fromEntries(
        readdirSync(folder).map((id) => [
          readFileSync(join(folder, id, 'name'), 'utf8').trim(),
          readFileSync(join(folder, id, 'raw_data')).toString('base64'),
        ]),
      );
    };

    beforeAll(() => {
      inner = join(scratch(), 'inner');
    });
    afterEach(async () => {
      for (const pid of started.splice(0)) if (existsSync(`/proc/${pid}`)) process.kill(pid, 'SIGKILL');
      remove();
    });

    it('have the namespace again, with all that was loaded there and in those below', async () => {
      namespace(NAMESPACE, `${open(INNER)}${open('unused')}profile parent { file, profile child { file, } }`);
      namespace(`${NAMESPACE}//below`, open('deep'));
      const pid = await start(LABEL, 'sleep 1000');
      const before = [loaded(NAMESPACE), loaded(`${NAMESPACE}//below`)];
      for (let i = 0; i < 2; i++) {
        const imagesDir = await dumped(pid);
        rmdirSync(place(NAMESPACE));
        await expect(restore({ imagesDir, detached: true, faults: ['commit'] })).rejects.toThrow(/fault/);
        expect(existsSync(place(NAMESPACE))).toBe(false);
        await restore({ imagesDir, detached: true });
        expect(labels(pid)).toEqual([`${LABEL} (enforce)`]);
        expect([loaded(NAMESPACE), loaded(`${NAMESPACE}//below`)]).toEqual(before);
      }
    });

    it('have the policy they had where the namespace has another one, which stays after a failure', async () => {
      namespace(NAMESPACE, open(INNER));
      const pid = await start(LABEL, 'sleep 1000');
      const [mine, imagesDir] = [loaded(NAMESPACE), await dumped(pid)];
      remove();
      namespace(NAMESPACE, `${open(INNER).replace('network,', '')}${open('theirs')}`);
      const theirs = loaded(NAMESPACE);
      expect(theirs[INNER]).not.toBe(mine[INNER]);
      await expect(restore({ imagesDir, detached: true, faults: ['commit'] })).rejects.toThrow(/fault/);
      expect(loaded(NAMESPACE)).toEqual(theirs);
      await restore({ imagesDir, detached: true });
      expect(labels(pid)).toEqual([`${LABEL} (enforce)`]);
      expect(loaded(NAMESPACE)).toEqual({ ...theirs, ...mine });
    });

    it('get another profile and namespace if these are asked for (--lsm-profile)', async () => {
      namespace(NAMESPACE, open(INNER));
      const pid = await start(LABEL, 'sleep 1000');
      const imagesDir = await dumped(pid);
      remove();
      made.push('criu-test-other');
      await restore({ imagesDir, detached: true, lsmProfile: `apparmor:${OTHER}//&:criu-test-other:` });
      expect(labels(pid)).toEqual([`${OTHER}//&:criu-test-other:${INNER} (enforce)`]);
      expect(existsSync(place(NAMESPACE))).toBe(false);
    });

    it('have a policy that names its namespace, but in no other one', async () => {
      namespace(NAMESPACE, '');
      writeFileSync(inner, open(INNER));
      spawnSync('apparmor_parser', ['-r', '-n', NAMESPACE, inner]);
      const pid = await start(LABEL, 'sleep 1000');
      const [before, imagesDir] = [loaded(NAMESPACE), await dumped(pid)];
      remove();
      made.push(NAMESPACE, 'criu-test-other');
      const lsmProfile = `apparmor:${OTHER}//&:criu-test-other:`;
      await expect(restore({ imagesDir, detached: true, lsmProfile })).rejects.toMatchObject({
        code: 'UNSUPPORTED',
      });
      expect(existsSync(place('criu-test-other'))).toBe(false);
      await restore({ imagesDir, detached: true });
      expect(labels(pid)).toEqual([`${LABEL} (enforce)`]);
      expect(loaded(NAMESPACE)).toEqual(before);
    });

    it('are unconfined inside if they were', async () => {
      namespace(NAMESPACE, open(INNER));
      const label = `${OPEN}//&:${NAMESPACE}:unconfined`;
      const pid = await start(label, 'sleep 1000');
      const [was] = labels(pid);
      const imagesDir = await dumped(pid);
      remove();
      made.push(NAMESPACE);
      await restore({ imagesDir, detached: true });
      expect(labels(pid)).toEqual([was]);
    });

    it.skipIf(!peer).each([
      ['dumped by CRIU come back', theirs, ours],
      ['are restored by CRIU', ours, theirs],
    ] as const)('%s', async (_, dumper, restorer) => {
      namespace(NAMESPACE, open(INNER));
      const pid = await start(LABEL, 'sleep 1000');
      const before = loaded(NAMESPACE);
      const imagesDir = freshDir();
      await dumper.dump(pid, imagesDir);
      await free([pid]);
      remove();
      made.push(NAMESPACE);
      await restorer.restore(imagesDir);
      expect(labels(pid)).toEqual([`${LABEL} (enforce)`]);
      expect(loaded(NAMESPACE)).toEqual(before);
    });
  });
});
