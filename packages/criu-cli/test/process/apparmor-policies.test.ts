// Policies of AppArmor's namespaces: which a label is of, and how they are read and loaded. A folder stands for the kernel's here; what
// the kernel makes of it is in apparmor.test.ts.
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { decodeImage, encodeImage } from '@criu/images';
import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import { namespacesOf, partsOf, renamed, replaceLabel } from '../../src/resources/creds/apparmor/labels.js';
import { namedIn, PolicyLoader, readNamespace } from '../../src/resources/creds/apparmor/policy.js';
import { cleanUp, scratch } from '../dump/victim.js';

afterAll(cleanUp);

describe('a label of AppArmor', () => {
  it('has profiles, each of a namespace', () => {
    const of = (label: string) => partsOf(label).map(({ namespace, profile }) => [namespace, profile]);
    expect(of('docker-default')).toEqual([[undefined, 'docker-default']]);
    expect(of('a//hat//&b')).toEqual([
      [undefined, 'a//hat'],
      [undefined, 'b'],
    ]);
    expect(of('lxd-c1//&:c1_<lib>:/usr/bin/x//&y')).toEqual([
      [undefined, 'lxd-c1'],
      ['c1_<lib>', '/usr/bin/x'],
      ['c1_<lib>', 'y'],
    ]);
    expect(of(':a//b://x')).toEqual([['a//b', 'x']]);
    expect(of(':a:')).toEqual([['a', undefined]]);
  });

  it('is of namespaces, of which the highest have all others', () => {
    expect([...namespacesOf('a//&:one//two:x//&y//&:three:z')]).toEqual(['one', 'three']);
    expect([...namespacesOf('a//&b')]).toEqual([]);
  });

  it.each([
    ['one profile replaces all of it', 'new', 'a//&:n:b', 'new'],
    ['so does one of a namespace, as far as it goes', ':m:x', ':n:b', ':m:x'],
    [
      'an engine’s profile and namespace leave the profile that is inside',
      'new//&:m:',
      'old//&:n:b',
      'new//&:m:b',
    ],
    ['and further ones', 'new//&:m:', 'old//&:n:b//&c', 'new//&:m:b//&c'],
    ['also below that namespace', 'new//&:m:', 'old//&:n:b//&:n//k:c', 'new//&:m:b//&:m//k:c'],
    ['as it was not confined inside', 'new//&:m:', 'old//&:n:unconfined', 'new//&:m:unconfined'],
    ['as it was in no namespace', 'new//&:m:', 'old', 'new//&:m:'],
    ['two profiles replace two', 'x//&y', 'a//&b//&c', 'x//&y//&c'],
    ['other kernels part the namespace with slashes', 'new//&:m:', 'old//&:n://b', 'new//&:m:b'],
  ])('is replaced in part (--lsm-profile): %s', (_, asked, was, is) =>
    expect(replaceLabel(asked, was)).toBe(is),
  );

  it('has other namespaces then', () => {
    expect([...renamed('new//&:m:', 'old//&:n//k:b')]).toEqual([['n', 'm']]);
    expect([...renamed('new', 'old//&:n:b')]).toEqual([]);
  });
});

describe('policies of a namespace', () => {
  let root: string;
  /** A profile as the kernel shows it, in the order of loading. */
  function profile(namespace: string, id: string, name: string, blob: string, at: number): void {
    const folder = join(root, namespace, 'profiles', id);
    mkdirSync(join(folder, 'profiles'), { recursive: true });
    writeFileSync(join(folder, 'name'), `${name}\n`);
    writeFileSync(join(folder, 'raw_data'), blob);
    utimesSync(folder, at, at);
  }
  const shown = (of: ReturnType<typeof readNamespace>): unknown => [
    of.name,
    of.policies.map(({ name, blob }) => `${name}=${blob}`),
    ...of.namespaces.map(shown),
  ];

  beforeEach(() => {
    root = mkdtempSync(join(scratch(), 'policy-'));
    for (const namespace of ['namespaces/c1', 'namespaces/c1/namespaces/below']) {
      for (const folder of ['profiles', 'namespaces'])
        mkdirSync(join(root, namespace, folder), { recursive: true });
      for (const file of ['.replace', '.remove']) writeFileSync(join(root, namespace, file), '');
    }
  });

  it('are read in the order of loading, with those of namespaces below', () => {
    profile('namespaces/c1', 'a.10', 'a', 'later', 7);
    profile('namespaces/c1', 'b x.9', 'b x', 'first', 5);
    profile('namespaces/c1', 'c.2', 'c', 'later', 7);
    profile('namespaces/c1/profiles/c.2', 'same.1', 'same', 'later', 7);
    profile('namespaces/c1/profiles/c.2', 'own.2', 'own', 'of its own', 8);
    profile('namespaces/c1/namespaces/below', 'd.0', 'd', 'below', 5);
    expect(shown(readNamespace('c1', root))).toEqual([
      'c1',
      ['b x=first', 'c=later', 'a=later', 'c//own=of its own'],
      ['below', ['d=below']],
    ]);
  });

  it('are refused where the kernel does not keep them, and where there is no such namespace', () => {
    profile('namespaces/c1', 'a.0', 'a', 'x', 5);
    expect(() => readNamespace('none', root)).toThrow(/policies of the AppArmor namespace none/);
    rmSync(join(root, 'namespaces/c1/profiles/a.0/raw_data'));
    expect(() => readNamespace('c1', root)).toThrow(/profile a cannot be read: this kernel does not keep it/);
  });

  it('may name the namespace that they are for', () => {
    const version = '\x04\x08\0version\0\x02\x05\0\x28\0';
    const named = `${version}\x04\x0a\0namespace\0\x05\x03\0c1\0\x04`;
    const of = (text: string) => namedIn(Buffer.from(text, 'latin1'));
    expect([of(named), of(`${version}\x04\x08\0profile\0\x07`), of(version), of(named.slice(0, 30))]).toEqual(
      ['c1', undefined, undefined, undefined],
    );
    expect(of('')).toBeUndefined();
    profile('namespaces/c1', 'a.0', 'a', 'x', 5);
    const load = (name: string) =>
      new PolicyLoader(root).load({
        name,
        policies: [{ name: 'a', blob: Buffer.from(named, 'latin1') }],
        namespaces: [],
      });
    writeFileSync(join(root, '.replace'), '');
    load('c1');
    expect(readFileSync(join(root, '.replace'), 'latin1')).toBe(named);
    expect(() => load('c2')).toThrow(expect.objectContaining({ code: 'UNSUPPORTED' }));
  });

  it('are in an image that CRIU reads', () => {
    profile('namespaces/c1', 'a.0', 'a', 'x\0y', 5);
    const bytes = encodeImage('APPARMOR', [{ entry: { namespaces: [readNamespace('c1', root)] } }]);
    // message aa_namespace with the name in field 1, a policy in 2 and a namespace in 3; aa_policy with name and blob.
    expect(bytes.subarray(12).toString('latin1')).toBe(
      '\n\x17\n\x02c1\x12\x08\n\x01a\x12\x03x\0y\x1a\x07\n\x05below',
    );
    const [item] = decodeImage('APPARMOR', bytes);
    expect(item && shown(item.entry.namespaces[0] as never)).toEqual(['c1', ['a=x\0y'], ['below', []]]);
  });

  it('are loaded in namespaces that are made or there, and taken back', () => {
    const loader = new PolicyLoader(root);
    const log = (name: '.replace' | '.remove') => readFileSync(join(root, 'namespaces/c1', name), 'latin1');
    profile('namespaces/c1', 'a.0', 'a', 'old', 5);
    loader.load({ name: 'c1', policies: [{ name: 'a', blob: Buffer.from('new') }], namespaces: [] });
    expect(log('.replace')).toBe('new');
    profile('namespaces/c1', 'b.1', 'b', 'new', 6);
    loader.undo();
    expect([log('.replace'), log('.remove')]).toEqual(['old', 'b']);
  });

  it('leave no namespace behind that cannot be filled', () => {
    const loader = new PolicyLoader(root);
    const load = () =>
      loader.load({ name: 'c2', policies: [{ name: 'a', blob: Buffer.from('x') }], namespaces: [] });
    // Nobody makes the files of a namespace here.
    expect(load).toThrow(/cannot load the policy of the AppArmor profile a/);
    expect(existsSync(join(root, 'namespaces/c2'))).toBe(true);
    loader.undo();
    expect(readdirSync(join(root, 'namespaces'))).toEqual(['c1']);
  });
});
