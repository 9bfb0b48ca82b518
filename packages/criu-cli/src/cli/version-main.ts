// The whole of `criu --version`, as a bundle of its own.
import { writeSync } from '@criu/native/fs';
import { ownVersion, versionText } from './version.js';

export function run(): void {
  writeSync(1, versionText(ownVersion()));
}
