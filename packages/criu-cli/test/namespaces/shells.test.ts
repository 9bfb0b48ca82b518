// Shells that run commands for archives of mounts.
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { Shells } from '../../src/resources/namespaces/mnt/shells.js';
import { until } from '../support.js';

const dir = mkdtempSync(join(tmpdir(), 'criu-shells-'));
afterAll(() => rmSync(dir, { recursive: true }));

test('answer with the status and what was said, one command after another', async () => {
  const shells = new Shells(1, undefined);
  expect(await shells.run('echo one; false')).toEqual({ status: 1, said: 'one' });
  expect(await shells.run('printf two')).toEqual({ status: 0, said: 'two' });
  shells.end();
});

test('end with the command that they run when the work is called off', async () => {
  const abort = new AbortController();
  const shells = new Shells(1, abort.signal);
  const file = join(dir, 'pid');
  const done = shells.run(`sh -c 'echo $$ >${file}.new; mv ${file}.new ${file}; sleep 600; true'`);
  await until('the command runs', () => existsSync(file));
  abort.abort();
  await expect(done).rejects.toThrow('the shell has ended');
  const pid = readFileSync(file, 'utf8').trim();
  await until('the command is gone', () => !existsSync(`/proc/${pid}`));
  expect(() => shells.run('true')).toThrow(/abort/);
  shells.end();
});
