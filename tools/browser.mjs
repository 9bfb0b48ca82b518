// What tests in a browser need: a Chromium, and axe-core. Both are found, or installed below node_modules/.cache on first use,
// so that nobody else has to download them.
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { chromium } from 'playwright-core';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const cache = join(root, 'node_modules', '.cache', 'browser-tests');
const AXE = '4.14.1';

/**
 * A Chromium to start: `CHROMIUM` names one, else the system's, else Playwright's own, which is downloaded.
 * @throws Error that says how to get one
 */
export function findChromium() {
  const known = [
    process.env.CHROMIUM,
    '/usr/bin/chromium',
    '/usr/bin/chromium-browser',
    '/usr/bin/google-chrome',
  ];
  const found = known.find((path) => path && existsSync(path));
  if (found) return found;
  process.env.PLAYWRIGHT_BROWSERS_PATH ??= join(cache, 'browsers');
  const cli = join(root, 'node_modules', 'playwright-core', 'cli.js');
  console.error('No Chromium is installed: Playwright downloads one.');
  const { status } = spawnSync(process.execPath, [cli, 'install', 'chromium'], { stdio: 'inherit' });
  if (status === 0 && existsSync(chromium.executablePath())) return chromium.executablePath();
  throw new Error(
    'there is no Chromium: install the package `chromium` of your distribution, or name one in the variable CHROMIUM',
  );
}

/** The path of axe-core's script. */
export function findAxe() {
  const file = join(cache, 'node_modules', 'axe-core', 'axe.min.js');
  if (existsSync(file)) return file;
  const args = ['install', '--prefix', cache, '--no-save', '--no-audit', '--no-fund', '--ignore-scripts'];
  const { status } = spawnSync('npm', [...args, `axe-core@${AXE}`], {
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  if (status !== 0) throw new Error('axe-core cannot be installed: is the npm registry within reach?');
  return file;
}

/** Options of Playwright's `chromium.launch`. */
export const launchOptions = (executablePath) => ({
  executablePath,
  args: ['--no-sandbox', '--disable-gpu', '--disable-background-networking', '--disable-dev-shm-usage'],
});

/** Widths and schemes in which pages are looked at. */
export const screens = [
  { name: 'desktop', width: 1280, height: 900, colorScheme: 'light' },
  { name: 'desktop-dark', width: 1280, height: 900, colorScheme: 'dark' },
  { name: 'phone', width: 390, height: 844, colorScheme: 'light' },
  { name: 'phone-dark', width: 390, height: 844, colorScheme: 'dark' },
];
