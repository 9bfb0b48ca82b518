// The whole of `compel --version`, as a bundle of its own.
import { writeSync } from 'node:fs';
import { ownVersion } from './version.js';

export function run(): void {
  writeSync(1, `${ownVersion()}\n`);
}
