// Victims in a mount namespace of their own.
import { mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { scratch, Victim } from '../dump/victim.js';

const OWN = ['unshare', '--mount', '--propagation', 'private'];

/**
 * Starts a victim with a folder (`PLACE`), and takes both away at the end. @param wrapper starts the program of the
 * victim in the namespace
 */
export async function inOwnMounts(
  name: string,
  source: URL,
  env: Record<string, string>,
  use: (victim: Victim, place: string) => Promise<void>,
  wrapper: readonly string[] = OWN,
): Promise<void> {
  const place = mkdtempSync(join(scratch(), `${name}-`));
  const victim = await Victim.start(name, { PLACE: place, ...env }, source, [...wrapper]);
  try {
    await use(victim, place);
  } finally {
    await victim.end();
    rmSync(place, { recursive: true, force: true });
  }
}
