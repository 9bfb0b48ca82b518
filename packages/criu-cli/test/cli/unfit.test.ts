// A machine that the native part does not run on: every command says so in a line, whichever bundle it is in.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';

const packages = fileURLToPath(new URL('../../../', import.meta.url));
/** What musl's loader says of the addon, and what node reports where it is linked with musl: nothing of glibc. */
const ALPINE = `
const report = process.report.getReport.bind(process.report);
process.report.getReport = () => {
  const all = report();
  delete all.header.glibcVersionRuntime;
  return all;
};
process.dlopen = () => {
  throw new Error('Error loading shared library ld-linux-x86-64.so.2: No such file or directory');
};
`;

let dir: string;
beforeAll(() => {
  dir = mkdtempSync(join(tmpdir(), 'unfit-'));
  writeFileSync(join(dir, 'alpine.cjs'), ALPINE);
});
afterAll(() => rmSync(dir, { recursive: true }));

test.each([
  ['criu', 'criu-cli/bin/criu', ['check']],
  ['criu', 'criu-cli/bin/criu', ['dump', '-t', '1', '-D', '.']],
  ['criu', 'criu-cli/bin/criu', ['restore', '-D', '.']],
  ['criu', 'criu-cli/bin/criu', ['swrk', '3']],
  ['compel', 'compel/bin/compel.cjs', ['syscall', '1', 'getpid']],
  ['soccr', 'soccr/bin/soccr.cjs', ['show', '1', '3']],
])('%s (%s %j)', (name, file, args) => {
  const { status, stdout, stderr } = spawnSync(join(packages, file), args, {
    cwd: dir,
    encoding: 'utf8',
    env: { ...process.env, NODE_OPTIONS: `--require ${join(dir, 'alpine.cjs')}` },
  });
  expect([status, stdout, stderr]).toEqual([
    1,
    '',
    expect.stringMatching(new RegExp(`^${name}: [^\\n]*glibc[^\\n]*musl, as on Alpine Linux[^\\n]*\\n$`)),
  ]);
});
