// The compatible CRIU version, and the version of this package.
import { readFileSync } from '@criu/native/fs';
import { CRIU_VERSION } from '../criu-version.js';

/** Defined when the command is bundled. */
declare const CRIU_PACKAGE_VERSION: string | undefined;

/** The version of this package. */
export function ownVersion(): string {
  if (typeof CRIU_PACKAGE_VERSION === 'string') return CRIU_PACKAGE_VERSION;
  const file = new URL('../../package.json', import.meta.url);
  return (JSON.parse(readFileSync(file, 'utf8')) as { version: string }).version;
}

export { CRIU_VERSION };

/** The output of `criu --version`. */
export function versionText(own: string): string {
  return `Version: ${CRIU_VERSION}\nImplementation: @criu/cli ${own}\n`;
}
