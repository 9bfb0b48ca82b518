// `npm test`: sets up what is missing, then runs all tests. Arguments go on to vitest.
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { buildAll } from './build.mjs';
import { giveBack } from './owner.mjs';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const say = (line) => console.error(`npm test: ${line}`);
process.on('exit', () => giveBack());
// Whoever ends it has his files back, too.
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => process.exit(130));

say('setting up');
const { status: setUp } = spawnSync(process.execPath, ['tools/setup.mjs'], { cwd: root, stdio: 'inherit' });
if (setUp !== 0) process.exit(setUp ?? 1);
// Tests of installed packages and of separate processes run what is built; the rest run the sources.
try {
  await buildAll(say);
} catch (error) {
  say(error.message);
  process.exit(1);
}
if (process.getuid?.() !== 0)
  say(
    'not root: checkpointing needs CAP_SYS_ADMIN, so the system tests are skipped (sudo npm test runs them)',
  );
say(
  process.argv.length > 2
    ? `running the tests of ${process.argv.slice(2).join(' ')}`
    : 'running all tests, one file after the other (up to twenty minutes as root)',
);
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
