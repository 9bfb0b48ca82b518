// Flags of V8 that criu sets for itself, of which V8 complains on standard error where it does not know them, and those that it
// is started with, without which node would not start.
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { V8_FLAGS } from '../../src/cli/carry-out.js';
import { NODE_FLAGS, nodeOptions } from '../../src/cli/own-process.js';

it('are all known to this node', () => {
  const { stdout } = spawnSync(process.execPath, ['--v8-options'], { encoding: 'utf8' });
  const known = new Set(stdout.match(/^ +--[\w-]+/gm)?.map((flag) => flag.trim()));
  expect(known.size).toBeGreaterThan(100);
  for (const flag of [...V8_FLAGS.split(' '), ...NODE_FLAGS])
    expect(known).toContain(flag.replace(/^--no-/, '--').replace(/=.*/, ''));
});

it('are the same in bin/criu and where criu starts itself again', () => {
  const script = readFileSync(new URL('../../bin/criu', import.meta.url), 'utf8');
  expect(script).toContain(`exec node ${NODE_FLAGS.join(' ')} "$0" "$@"`);
  for (const flag of NODE_FLAGS) expect(nodeOptions().filter((option) => option === flag)).toEqual([flag]);
});
