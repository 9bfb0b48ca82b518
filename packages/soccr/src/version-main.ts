// `soccr --version`, in a bundle of its own.
import { writeSync } from 'node:fs';
import { ownVersion } from './version.js';

export function run(): void {
  writeSync(1, `${ownVersion()}\n`);
}
