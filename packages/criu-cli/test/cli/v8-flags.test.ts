// Flags of V8 that criu sets for itself: V8 complains on standard error of one that it does not know.
import { spawnSync } from 'node:child_process';
import { expect, it } from 'vitest';
import { V8_FLAGS } from '../../src/cli/carry-out.js';

it('are all known to this node', () => {
  const { stdout } = spawnSync(process.execPath, ['--v8-options'], { encoding: 'utf8' });
  const known = new Set(stdout.match(/^ +--[\w-]+/gm)?.map((flag) => flag.trim()));
  expect(known.size).toBeGreaterThan(100);
  for (const flag of V8_FLAGS.split(' '))
    expect(known).toContain(flag.replace(/^--no-/, '--').replace(/=.*/, ''));
});
