// `npm run test:report`: the page of `crit report` in a browser. Not part of `npm test`: it needs a Chromium and axe-core, which
// it installs if they are not there. With SHOTS=DIR it leaves screenshots there.
import { spawnSync } from 'node:child_process';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { findAxe, findChromium } from './browser.mjs';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
try {
  const env = { ...process.env, CHROMIUM: findChromium(), AXE_CORE: findAxe() };
  const config = 'packages/crit/test/browser/vitest.config.ts';
  const args = ['node_modules/vitest/vitest.mjs', 'run', '--config', config, ...process.argv.slice(2)];
  process.exitCode = spawnSync(process.execPath, args, { cwd: root, stdio: 'inherit', env }).status ?? 1;
} catch (error) {
  console.error(`test:report: ${error.message}`);
  process.exitCode = 1;
}
