// `npm test`: sets up what is missing, then runs all tests. Arguments go on to vitest.
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const step = (...args) => {
  const { status } = spawnSync(process.execPath, args, { cwd: root, stdio: 'inherit' });
  if (status !== 0) process.exit(status ?? 1);
};

step('tools/setup.mjs');
// Tests of installed packages and of separate processes run what is built; the rest run the sources.
step('node_modules/nx/dist/bin/nx.js', 'run-many', '-t', 'build', '--outputStyle=static');
if (process.getuid?.() !== 0) {
  console.error(
    'npm test: not root: checkpointing needs CAP_SYS_ADMIN, so the system tests are skipped (sudo npm test runs them)',
  );
}
const report = join(root, 'node_modules', '.cache', 'test-report.json');
rmSync(report, { force: true });
const { status } = spawnSync(
  process.execPath,
  [
    'node_modules/vitest/vitest.mjs',
    'run',
    '--reporter=default',
    '--reporter=json',
    `--outputFile.json=${report}`,
    ...process.argv.slice(2),
  ],
  { cwd: root, stdio: 'inherit' },
);
if (existsSync(report)) {
  const { numPassedTests, numFailedTests, numPendingTests } = JSON.parse(readFileSync(report, 'utf8'));
  console.log(`${numPassedTests} passed, ${numFailedTests} failed, ${numPendingTests} skipped`);
}
process.exit(status ?? 1);
