// `crit --version`, in a bundle of its own.
import { writeSync } from 'node:fs';
import { version } from './version.js';

export function run(): void {
  writeSync(1, `${version}\n`);
}
