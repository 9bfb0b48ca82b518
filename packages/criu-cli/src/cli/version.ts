// The version: the one of CRIU whose images and command line these are, and our own.

/** Scripts compare this to find out what they may use. */
export const CRIU_VERSION = '4.2';

/** What `criu --version` prints. */
export function versionText(own: string): string {
  return `Version: ${CRIU_VERSION}\nImplementation: @criu/cli ${own}\n`;
}
