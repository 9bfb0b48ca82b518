// Labels of security modules: kept, and never lost without a word (--lsm-profile, --lsm-mount-context).
import { describe, expect, it } from 'vitest';
import { CriuError } from '../../src/errors.js';
import type { RestoreOptions } from '../../src/options.js';
import { splitMountOptions } from '../../src/proc/index.js';
import { Refusals } from '../../src/refusals.js';
import { checkLabels, labelOf, withContext } from '../../src/resources/creds/label.js';
import { LSM, parseProfile } from '../../src/resources/creds/profile.js';

const CONTEXT = 'system_u:system_r:container_t:s0:c82,c137';

it('AppArmor has the mode behind the name of the profile, and a word for none', () => {
  expect(labelOf('docker-default (enforce)', LSM.APPARMOR)).toBe('docker-default');
  expect(labelOf('/usr/bin/man', LSM.APPARMOR)).toBe('/usr/bin/man');
  expect(labelOf('unconfined', LSM.APPARMOR)).toBeUndefined();
  expect(labelOf(CONTEXT, LSM.SELINUX)).toBe(CONTEXT);
  expect(labelOf('anything', LSM.NONE)).toBeUndefined();
  expect(labelOf(undefined, LSM.SELINUX)).toBeUndefined();
});

it('--lsm-profile names the module, or none', () => {
  expect(parseProfile('apparmor:docker-default')).toEqual({ module: LSM.APPARMOR, label: 'docker-default' });
  expect(parseProfile(`selinux:${CONTEXT}`)).toEqual({ module: LSM.SELINUX, label: CONTEXT });
  for (const none of ['none', 'none:'])
    expect(parseProfile(none)).toEqual({ module: LSM.NONE, label: undefined });
  for (const wrong of ['', 'apparmor', 'smack:x', 'none:x'])
    expect(() => parseProfile(wrong)).toThrow(CriuError);
});

describe('tasks that were confined by SELinux', () => {
  /** What is said of a restore by a criu with a label. */
  function refusals(own: string | undefined, options: Partial<RestoreOptions> = {}, onPaper = false): string {
    const refused = new Refusals();
    const thread = (tid: number) => ({ tid, core: { thread_core: { creds: { lsm_profile: CONTEXT } } } });
    checkLabels(
      {
        onPaper,
        options: { imagesDir: '', ...options },
        checkpoint: { inventory: { lsmtype: LSM.SELINUX } },
        tasks: [{ task: { threads: [thread(5), thread(6)] } }],
        refusals: refused,
      } as never,
      own,
    );
    try {
      refused.settle();
      return '';
    } catch (error) {
      return (error as CriuError).explain();
    }
  }

  it('come back where criu has the same label', () => expect(refusals(CONTEXT)).toBe(''));
  it('do not come back unconfined', () => {
    expect(refusals(undefined)).toMatch(
      /task 5: .* SELinux \(.*container_t.*\), and this machine has no security module/,
    );
    expect(refusals('unconfined_u:unconfined_r:unconfined_t:s0')).toMatch(
      /would have the label of criu(?:.|\n)*runcon /,
    );
  });
  it('come back as whoever restores if that is asked for', () => {
    expect(refusals(undefined, { lsmProfile: 'none' })).toBe('');
    expect(refusals('a:b:c:d', { lsmProfile: 'selinux:a:b:c:d' })).toBe('');
    expect(refusals('a:b:c:d', { lsmProfile: 'selinux:other:b:c:d' })).toMatch(/--lsm-profile none/);
  });
  it('can be planned on a machine without', () => expect(refusals(undefined, {}, true)).toBe(''));
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
