// The command in a checkout: it is what the sources are, whatever was built before.
import { spawnSync } from 'node:child_process';
import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, it } from 'vitest';

const root = fileURLToPath(new URL('../../..', import.meta.url));
let dir: string;
let crit: string;

const version = () => {
  const { status, stdout, stderr } = spawnSync(crit, ['--version'], { encoding: 'utf8' });
  return `${status} ${stdout}${stderr}`;
};
const cache = () => join(dir, 'node_modules', '.cache', 'crit');

beforeAll(() => {
  dir = mkdtempSync(join(tmpdir(), 'crit-checkout-'));
  crit = join(dir, 'packages', 'crit', 'bin', 'crit.cjs');
  for (const file of ['tools', 'package-lock.json', 'packages/images/src', 'packages/images/package.json'])
    cpSync(join(root, file), join(dir, file), { recursive: true });
  for (const file of ['bin', 'src', 'package.json', 'bundle.mjs'])
    cpSync(join(root, 'packages/crit', file), join(dir, 'packages/crit', file), { recursive: true });
  mkdirSync(join(dir, 'node_modules', '@criu'), { recursive: true });
  // All that is installed, but neither our own packages nor what was bundled of them before.
  for (const name of readdirSync(join(root, 'node_modules')).filter(
    (n) => n !== '@criu' && !n.startsWith('.'),
  ))
    symlinkSync(join(root, 'node_modules', name), join(dir, 'node_modules', name));
  symlinkSync(join(dir, 'packages', 'images'), join(dir, 'node_modules', '@criu', 'images'));
});
afterAll(() => rmSync(dir, { recursive: true }));

it('runs the sources as they are, and bundles them only when they have changed', () => {
  const source = join(dir, 'packages/crit/src/version.ts');
  expect(version()).toBe('0 0.1.0\n');
  const made = readdirSync(cache());
  expect(version()).toBe('0 0.1.0\n');
  expect(readdirSync(cache())).toEqual(made);
  // Another time is not another source.
  utimesSync(source, new Date(), new Date());
  expect(version()).toBe('0 0.1.0\n');
  expect(readdirSync(cache())).toEqual(made);
  // Of the same size, within the same second.
  writeFileSync(source, readFileSync(source, 'utf8').replace('0.1.0', '9.8.7'));
  expect(version()).toBe('0 9.8.7\n');
  expect(readdirSync(cache()).length).toBe(made.length + 1);
});

it('says what is wrong with sources that cannot be bundled', () => {
  const source = join(dir, 'packages/crit/src/version.ts');
  const before = readFileSync(source);
  writeFileSync(source, 'export const version = ;\n');
  expect(version()).toMatch(/^1 .*crit: cannot be bundled from its sources.*npm run setup/s);
  writeFileSync(source, before);
  expect(version()).toMatch(/^0 /);
});
