// CRIU 4.2, name by name: each works, is always so, or is refused with the reason. Here: the tables themselves, commands, variables
// and features. Options and requests have files of their own.
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, describe, expect, test } from 'vitest';
import { COMMANDS } from '../../src/cli/commands.js';
import { refusedVariables, VARIABLES } from '../../src/cli/environment.js';
import { OPTIONS } from '../../src/cli/option-table.js';
import { check, FEATURES } from '../../src/features/index.js';
import { cleanUp, criu } from '../cli/fake-shell.js';
import { isRoot, peer } from '../dump/victim.js';
import { VARIABLE_FACTS } from './environment.js';
import { FEATURE_FACTS } from './features.js';
import { COMMAND_FACTS } from './options.js';
import { named, names, of, TABLES } from './table.js';

afterEach(cleanUp);

const tests = fileURLToPath(new URL('../', import.meta.url));
const camel = (name: string) => name.replace(/[-_](.)/g, (_, letter: string) => letter.toUpperCase());

describe.each(TABLES)('%s of CRIU', (_what, facts) => {
  test('stand once in the table, and each that does not work has its reason', () => {
    expect(new Set(names(facts)).size).toBe(facts.length);
    expect(facts.filter(({ is, why }) => is !== 'works' && !why)).toEqual([]);
  });

  test('are spoken of in the tests that see their effect', () => {
    for (const { name, seen = [] } of facts) {
      for (const file of seen) {
        const text = readFileSync(join(tests, file), 'utf8');
        const record = OPTIONS.find((o) => o.name === name || o.rpc === name);
        const words = [`--${name.replaceAll('_', '-')}`, name, camel(name), ...(record?.engine?.keys ?? [])];
        if (record?.alias) words.push(`'-${record.alias}`);
        expect(
          words.some((word) => text.includes(word)),
          `${name} in ${file}`,
        ).toBe(true);
      }
    }
  });
});

test('commands are ours, or say what to use instead', async () => {
  const ours = COMMANDS.filter(({ name }) => !['completion', 'config', 'untrack'].includes(name));
  expect(names(of(COMMAND_FACTS, 'works'))).toEqual(names(ours));
  for (const { name, why } of of(COMMAND_FACTS, 'refused'))
    expect(await criu([name])).toMatchObject({ code: 1, err: expect.stringContaining(why ?? '') });
});

describe('environment variables', () => {
  test('are in the table, or said not to be in CRIU; those of the command itself are told', () => {
    const ours = VARIABLES.filter((variable) => !variable.ours);
    const theirs = VARIABLE_FACTS.filter(({ name }) => !/^(KFD|COMPEL)_/.test(name));
    expect(names(ours)).toEqual(names(theirs));
    for (const { name, is } of theirs)
      expect([name, ours.find((one) => one.name === name)?.support]).toEqual([
        name,
        { works: 'yes', always: 'always', refused: 'refused' }[is],
      ]);
  });

  test.each(named(VARIABLE_FACTS))('%s is warned of if it is refused, and only then', (name, { is, why }) => {
    const refused = refusedVariables({ [name]: 'x' });
    expect(refused).toHaveLength(is === 'refused' ? 1 : 0);
    if (is === 'refused') expect(refused[0]?.help).toContain(why);
  });
});

describe('features', () => {
  test('all are known', () => {
    const known = FEATURES.map(({ name }) => name);
    expect(FEATURE_FACTS.filter(({ name }) => !known.includes(name))).toEqual([]);
  });

  test.each(named(of(FEATURE_FACTS, 'refused')))(
    '%s is said not to be there, with the reason',
    async (name, { why }) => {
      const { code, err } = await criu(['check', '--feature', name], { check });
      expect([code, err]).toEqual([1, expect.stringContaining(`${name}: ${why}`)]);
    },
  );

  test.skipIf(!isRoot).each(named(of(FEATURE_FACTS, 'works')))(
    '%s is looked for (needs root)',
    async (name) => {
      const { code, out, err } = await criu(['check', '--feature', name], { check });
      if (code === 0) expect(out).toBe(`${name} is supported\n`);
      else expect(err).toMatch(new RegExp(`^${name}: (?!this version|the probe failed)`));
      if (!peer) return;
      const theirs = spawnSync(peer, ['check', '--feature', name], { stdio: 'ignore' }).status;
      // What CRIU needs the kernel for, this may do without, but what CRIU can use here this can.
      if (theirs === 0) expect(`${name}: ${code}`).toBe(`${name}: 0`);
    },
  );
});
