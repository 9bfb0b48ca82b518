// `--exec-cmd`: the command takes criu's place, and with it the restored task as its child.
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { restoreOptions } from '../../src/cli/engine-options.js';
import { findProgram } from '../../src/cli/exec.js';
import { dump } from '../../src/operations.js';
import { readSettings } from '../cli/read-settings.js';
import { cleanUp, isRoot, scratch, Victim } from '../dump/victim.js';

const criu = fileURLToPath(new URL('../../bin/criu', import.meta.url));
const settings = (...argv: string[]) => readSettings(argv, { env: {}, read: () => null });
const dirs = { imagesDir: '/i', workDir: '/w' };

afterAll(cleanUp);

it('needs a command, and nobody else to be the parent', () => {
  expect(() => restoreOptions(settings('restore', '--exec-cmd'), dirs)).toThrow('--exec-cmd needs a command');
  expect(() => restoreOptions(settings('restore', '-d', '--exec-cmd', '--', 'x'), dirs)).toThrow(
    'cannot go together',
  );
  expect(restoreOptions(settings('restore', '--exec-cmd', '--', 'x', '-y'), dirs)).toEqual({
    ...dirs,
    leaveChild: true,
  });
});

it('a command is looked for as a shell does', () => {
  expect(findProgram('./x', '/nowhere')).toBe('./x');
  expect(findProgram('sh', '/nowhere:/bin')).toBe('/bin/sh');
  expect(() => findProgram('no-such-command', '/bin')).toThrow('there is no such command');
});

describe.skipIf(!isRoot)('criu restore --exec-cmd (needs root)', () => {
  // Bundles the command if it is not built.
  beforeAll(() => void execFileSync(criu, ['--version']));

  it('becomes the command, whose child the task is', async () => {
    const victim = await Victim.start('everything');
    const dir = join(scratch(), 'exec');
    mkdirSync(dir);
    try {
      await dump({ pid: victim.pid, imagesDir: dir });
      await victim.gone();
      const look = `grep PPid /proc/${victim.pid}/status; echo $$ "$1" "$MARK"; grep SigIgn /proc/$$/status; kill -9 ${victim.pid}`;
      const { stdout, stderr, status } = spawnSync(
        criu,
        ['restore', '-D', dir, '--exec-cmd', '--', 'sh', '-c', look, '--help', 'two words'],
        { encoding: 'utf8', env: { ...process.env, MARK: 'kept' }, timeout: 20_000 },
      );
      expect([status, stderr]).toEqual([0, '']);
      const [parent, own, ignored] = stdout.trim().split('\n');
      const pid = /\d+/.exec(own!)![0];
      expect([parent, own]).toEqual([`PPid:\t${pid}`, `${pid} two words kept`]);
      expect(ignored).toBe('SigIgn:\t0000000000000000');
    } finally {
      await victim.end();
    }
  });
});
