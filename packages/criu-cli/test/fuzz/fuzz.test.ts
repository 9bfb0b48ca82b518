// The fuzzer (npm run fuzz), for a few seconds: what it says with the same seed is always the same.
import { spawnSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { isRoot } from '../dump/victim.js';
import { ImageSetCopy } from './image-set.js';
import { caseAt, fuzzPlans } from './plans.js';
import { NO_SANDBOX } from './sandbox.js';

const root = fileURLToPath(new URL('../../../..', import.meta.url));
const fixtures = join(root, 'packages/images/test/fixtures/criu-4.2');
const sets = readdirSync(fixtures).map((name) => new ImageSetCopy(name, join(fixtures, name), false));

describe('damaged image sets', () => {
  it('are the same for the same seed', () => {
    const [a, b, other] = [caseAt(sets, 1, 7), caseAt(sets, 1, 7), caseAt(sets, 2, 7)];
    expect([a.set.name, a.mutant]).toEqual([b.set.name, b.mutant]);
    expect(a.mutant.what).not.toEqual(other.mutant.what);
  });

  it('are planned, or blamed for what is wrong with them', () => {
    const positions = Array.from({ length: 400 }, (_, i) => i);
    expect([...fuzzPlans(sets, 1, positions)]).toEqual([]);
  });

  it.skipIf(!isRoot)(
    'of our own are restored or refused in a sandbox, and touch nothing else (needs root)',
    (test) => {
      const counts = ['--plans', '100', '--restores', '5', '--kills', '2', '--seed', '1'];
      const args = ['tools/fuzz.mjs', ...counts, '--victims', 'everything,unix'];
      const { status, stdout, stderr } = spawnSync(process.execPath, args, { cwd: root, encoding: 'utf8' });
      if (status === NO_SANDBOX) test.skip(stdout.trim());
      expect(stdout + stderr).toMatch(/no faults\n$/);
    },
  );
});
