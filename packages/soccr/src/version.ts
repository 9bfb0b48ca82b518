// The version of this package.
import { readFileSync } from 'node:fs';

/** Defined when the command is bundled. */
declare const CRIU_PACKAGE_VERSION: string | undefined;

export function ownVersion(): string {
  if (typeof CRIU_PACKAGE_VERSION === 'string') return CRIU_PACKAGE_VERSION;
  const file = new URL('../package.json', import.meta.url);
  return (JSON.parse(readFileSync(file, 'utf8')) as { version: string }).version;
}
