// Dump and restore of a victim of one task.
import { dump, restore } from '../src/operations.js';
import type { Victim } from './dump/victim.js';
import { free, freshDir } from './support.js';

export async function roundTrip(
  victim: Victim,
  options: { readonly tcpEstablished?: boolean } = {},
): Promise<void> {
  const imagesDir = freshDir();
  await dump({ pid: victim.pid, imagesDir, ...options });
  await free([victim.pid]);
  await restore({ imagesDir, detached: true, ...options });
}
