// Each option of CRIU's command line: taken in all its forms, refused with a wrong value, or refused with the reason. What it does
// is seen by the tests that the table names.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { OPTIONS } from '../../src/cli/option-table.js';
import { check } from '../../src/features/index.js';
import { cleanUp, criu, scratch } from '../cli/fake-shell.js';
import { OPTION_FACTS, type OptionFact } from './options.js';
import { named, names, of } from './table.js';

afterEach(cleanUp);

describe('options', () => {
  const run = (fact: OptionFact, ...words: string[]) => {
    const tree = /dump$/.test(fact.command) && fact.name !== 'tree' ? ['-t', '1'] : [];
    const file = join(scratch(), 'file');
    writeFileSync(file, '');
    const more = fact.name === 'exec-cmd' ? ['--', 'true'] : [];
    const argv = [fact.command, ...tree, ...(fact.name === 'images-dir' ? [] : ['-D', 'DIR'])];
    // The directory of the fake shell is known only within.
    const shown = [...argv, ...(fact.beside ?? []), ...words, ...more].map((word) =>
      word.replace('FILE', file),
    );
    // Which features this kernel has is of no interest here.
    async function* none() {}
    return criu(shown, { check: fact.name === 'feature' ? check : none });
  };
  const forms = (fact: OptionFact, good: string): string[][] => {
    const { argument, name, short } = fact;
    const long =
      argument === 'optional' ? [[`--${name}=${good}`]] : [[`--${name}`, good], [`--${name}=${good}`]];
    return short ? [...long, argument === 'optional' ? [`-${short}${good}`] : [`-${short}`, good]] : long;
  };
  /** What is printed by a command that becomes another one, which the shell of the tests does not. */
  const became = /^criu: unexpected failure \(exec true\)/;
  const fine = (fact: OptionFact, { code, err }: { code: number; err: string }) =>
    fact.name === 'exec-cmd' ? became.test(err) : code === 0;

  test('all of ours are in the table, or said not to be in CRIU', () => {
    expect(names(OPTIONS.filter(({ ours }) => !ours))).toEqual(names(OPTION_FACTS));
  });

  test.each(named(OPTION_FACTS))(
    '--%s has the class that its record says',
    (name, { is, short, negatable }) => {
      const record = OPTIONS.find((o) => o.name === name);
      expect(record?.support).toBe({ works: 'yes', always: 'accepted', refused: 'no' }[is]);
      expect([record?.alias, record?.negatable ?? false]).toEqual([short, negatable ?? false]);
    },
  );

  test.each(named(OPTION_FACTS.filter(({ is }) => is !== 'refused')))(
    '--%s is taken, and refused with a wrong value',
    async (name, fact) => {
      if (fact.argument === 'none') {
        expect(await run(fact, `--${name}`)).toSatisfy((r) => fine(fact, r));
        if (fact.short) expect(await run(fact, `-${fact.short}`)).toSatisfy((r) => fine(fact, r));
        const not = await run(fact, `--no-${name}`);
        // Names may be cut short: it may be another one's.
        const another = OPTIONS.some((o) => o.negatable && o.name !== name && o.name.startsWith(name));
        if (fact.negatable || another) expect(not).toMatchObject({ code: 0 });
        else expect([not.code, not.err]).toEqual([1, expect.stringContaining(`unknown option --no-${name}`)]);
        const given = await run(fact, `--${name}=x`);
        if (name !== 'help' && name !== 'version')
          expect([given.code, given.err]).toEqual([
            1,
            expect.stringContaining(`option --${name} takes no value`),
          ]);
        return;
      }
      for (const good of fact.good ?? [])
        for (const form of forms(fact, good)) expect(await run(fact, ...form)).toMatchObject({ code: 0 });
      if (fact.argument === 'optional') expect(await run(fact, `--${name}`)).toMatchObject({ code: 0 });
      else {
        const missing = await criu([fact.command, `--${name}`]);
        expect([missing.code, missing.err]).toEqual([
          1,
          expect.stringContaining(`option --${name} needs a value`),
        ]);
      }
      for (const bad of fact.bad ?? []) {
        const { code, err, dumped, restored } = await run(fact, `--${name}=${bad}`);
        expect([bad, code, dumped.length + restored.length]).toEqual([bad, 1, 0]);
        expect(err).toMatch(new RegExp(`--${name}|configuration file|feature|namespace|cgroup`));
      }
    },
  );

  test.each(named(of(OPTION_FACTS, 'refused')))('--%s is refused with the reason', async (name, fact) => {
    const { code, err, dumped, restored } = await run(
      fact,
      ...(fact.argument === 'none' ? [`--${name}`] : [`--${name}`, 'x']),
    );
    expect([code, dumped.length + restored.length]).toEqual([1, 0]);
    expect(err).toMatch(new RegExp(`^criu: the option --${name} is refused: .*${fact.why}.*\n {2}\\S`));
  });
});
