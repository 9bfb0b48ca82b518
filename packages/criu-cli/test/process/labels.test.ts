// Labels of security modules: kept, and never lost without a word (--lsm-profile, --lsm-mount-context).
import { describe, expect, it } from 'vitest';
import { CriuError } from '../../src/errors.js';
import type { RestoreOptions } from '../../src/options.js';
import { splitMountOptions } from '../../src/proc/index.js';
import { Refusals } from '../../src/refusals.js';
import { labelOf, moduleOf, withContext } from '../../src/resources/creds/label.js';
import { labelOfSockets, labelsOf } from '../../src/resources/creds/label-restore.js';
import { LSM, parseProfile } from '../../src/resources/creds/profile.js';
import { States } from '../../src/states.js';

const CONTEXT = 'system_u:system_r:container_t:s0:c82,c137';

it('AppArmor has the mode behind the name of the profile, and a word for none', () => {
  expect(labelOf('docker-default (enforce)', LSM.APPARMOR)).toBe('docker-default');
  expect(labelOf('/usr/bin/man', LSM.APPARMOR)).toBe('/usr/bin/man');
  expect(labelOf('unconfined', LSM.APPARMOR)).toBeUndefined();
  expect(labelOf(CONTEXT, LSM.SELINUX)).toBe(CONTEXT);
  expect(labelOf('anything', LSM.NONE)).toBeUndefined();
  expect(labelOf(undefined, LSM.SELINUX)).toBeUndefined();
});

it('the form of a label tells its module, also where no securityfs is mounted', () => {
  for (const label of ['unconfined', 'docker-default (enforce)', 'a//&:ns://b (mixed)', 'a:b:c:d (enforce)'])
    expect(moduleOf(label)).toBe(LSM.APPARMOR);
  // A policy of SELinux need not have levels.
  for (const label of [CONTEXT, 'system_u:system_r:init_t']) expect(moduleOf(label)).toBe(LSM.SELINUX);
});

it('--lsm-profile names the module, or none', () => {
  expect(parseProfile('apparmor:docker-default')).toEqual({ module: LSM.APPARMOR, label: 'docker-default' });
  expect(parseProfile(`selinux:${CONTEXT}`)).toEqual({ module: LSM.SELINUX, label: CONTEXT });
  for (const none of ['none', 'none:'])
    expect(parseProfile(none)).toEqual({ module: LSM.NONE, label: undefined });
  for (const wrong of ['', 'apparmor', 'smack:x', 'none:x'])
    expect(() => parseProfile(wrong)).toThrow(CriuError);
});

describe('tasks that were confined', () => {
  /** A task with two threads, the first of which was confined: what its threads are to be given, and what is said against it. */
  function plan(
    was: string,
    lsmtype: number,
    machine: { own?: string; profiles?: readonly string[] },
    options: Partial<RestoreOptions> = {},
    onPaper = false,
  ): { given: unknown; said: string } {
    const refused = new Refusals();
    const thread = (tid: number, label?: string) => ({
      tid,
      core: { thread_core: { creds: label === undefined ? {} : { lsm_profile: label } } },
    });
    const labels = labelsOf(
      {
        onPaper,
        options: { imagesDir: '', ...options },
        checkpoint: { inventory: { lsmtype } },
        tasks: [{ task: { threads: [thread(5, was), thread(6)] } }],
        refusals: refused,
      } as never,
      {
        own: machine.own,
        profiles: machine.profiles && new Set(machine.profiles),
        module: machine.own === undefined ? LSM.NONE : moduleOf(machine.own),
      },
    );
    const given = Object.fromEntries([...labels].map(([tid, { label }]) => [tid, label]));
    try {
      refused.settle();
      return { given, said: '' };
    } catch (error) {
      return { given, said: (error as CriuError).explain() };
    }
  }
  const OTHER = 'unconfined_u:unconfined_r:unconfined_t:s0';
  const selinux = (own: string | undefined, options: Partial<RestoreOptions> = {}, onPaper = false) =>
    plan(CONTEXT, LSM.SELINUX, own === undefined ? {} : { own }, options, onPaper);

  it('are given the label that they had, unless they are born with it', () => {
    expect(selinux(CONTEXT)).toEqual({ given: {}, said: '' });
    expect(selinux(OTHER)).toEqual({ given: { 5: CONTEXT }, said: '' });
  });
  it('do not come back unconfined where there is no such module', () => {
    const { given, said } = selinux(undefined);
    expect(given).toEqual({});
    expect(said).toMatch(/task 5: .* SELinux \(.*container_t.*\), and this machine has no security module/);
    expect(said).toMatch(/--lsm-profile none/);
  });
  it('get the label that is asked for, or none', () => {
    expect(selinux(undefined, { lsmProfile: 'none' })).toEqual({ given: {}, said: '' });
    expect(selinux(OTHER, { lsmProfile: 'selinux:a:b:c:d' })).toEqual({ given: { 5: 'a:b:c:d' }, said: '' });
    expect(selinux('a:b:c:d', { lsmProfile: 'selinux:a:b:c:d' })).toEqual({ given: {}, said: '' });
    expect(selinux(undefined, { lsmProfile: 'selinux:a:b:c:d' }).said).toMatch(/no security module/);
    expect(selinux(OTHER, { lsmProfile: 'apparmor:x' }).said).toMatch(
      /AppArmor \(x\), and this machine has SELinux/,
    );
  });
  it('can be planned on a machine without', () =>
    expect(selinux(undefined, {}, true)).toEqual({ given: {}, said: '' }));
});

describe('sockets that SELinux has labelled', () => {
  /** The label with which files 7 and 8 of a task are made, of which 8 is a socket. */
  function label(
    was: string,
    options: Partial<RestoreOptions> = {},
    more = { lsmtype: LSM.SELINUX as number, onPaper: false },
  ) {
    const ctx = {
      onPaper: more.onPaper,
      options: { imagesDir: '', ...options },
      checkpoint: { inventory: more },
    };
    const states = new States(ctx as never);
    const fds = [
      { id: 7, fd: 0 },
      { id: 8, fd: 1, xattr_security_selinux: was },
    ];
    const plan = {
      fdsOf: (wanted: number) => fds.filter(({ id }) => id === wanted),
      task: { threads: [{ core: { thread_core: { creds: { lsm_profile: CONTEXT } } } }] },
    };
    return [[7], [8], [7, 8]].map((ids) =>
      labelOfSockets(
        { ...ctx, states } as never,
        plan as never,
        ids.map((id) => ({ id })),
      ),
    );
  }

  it('are made with that label, which may be their own', () => {
    expect(label('a:b:c:d')).toEqual([undefined, 'a:b:c:d', 'a:b:c:d']);
    expect(label(CONTEXT)).toEqual([undefined, CONTEXT, CONTEXT]);
  });
  it('have the new label of their task where they had its old one', () => {
    const options = { lsmProfile: 'selinux:x:y:z:s0' };
    expect(label(CONTEXT, options)[1]).toBe('x:y:z:s0');
    expect(label('a:b:c:d', options)[1]).toBe('a:b:c:d');
  });
  it('are those of whoever restores if there is to be no label', () => {
    expect(label(CONTEXT, { lsmProfile: 'none' })[1]).toBeUndefined();
    expect(label(CONTEXT, {}, { lsmtype: LSM.NONE, onPaper: false })[1]).toBeUndefined();
    expect(label(CONTEXT, {}, { lsmtype: LSM.SELINUX, onPaper: true })[1]).toBeUndefined();
  });
});

describe('--lsm-mount-context', () => {
  it('takes the place of the context that a file system was mounted with', () => {
    expect(withContext('context="a:b:c:d,e",inode64', 'x:y')).toBe('context="x:y",inode64');
    expect(withContext('size=1,context=a:b', 'x:y')).toBe('size=1,context="x:y"');
    expect(withContext('size=1', 'x:y')).toBe('size=1');
    expect(withContext('context=a', undefined)).toBe('context=a');
  });

  it('a comma in quotes does not part options', () => {
    expect(splitMountOptions('rw,context="a:b:c:d1,d2",inode64,,x=\\054')).toEqual([
      'rw',
      'context="a:b:c:d1,d2"',
      'inode64',
      'x=,',
    ]);
  });
});
