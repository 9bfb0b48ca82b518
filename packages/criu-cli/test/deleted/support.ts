// Victims with deleted files in a folder of their own, and what is in that folder.
import { mkdirSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { leaveOthers, scratch, Victim } from '../dump/victim.js';

let folders = 0;

/** An empty folder for a victim. */
export function freshFolder(): string {
  folders += 1;
  const folder = join(scratch(), `folder-${folders}`);
  mkdirSync(folder);
  return folder;
}

/** Runs as a program that the victim `deleted` deletes. */
const COPIED = ['sh', '-c', 'cp "$0" "$FOLDER/exe"; exec "$FOLDER/exe"'];

/** The same in a mount namespace of its own, where the folder is a file system in memory. */
const MOUNTED = [
  ...['unshare', '--mount', '--propagation', 'private', 'bash', '-c'],
  `exec </dev/null >/dev/null 2>&1
  ${leaveOthers('$FOLDER')}
  mount -t tmpfs none "$FOLDER"; cp "$0" "$FOLDER/exe"; exec "$FOLDER/exe"`,
];

export function start(
  name: 'born' | 'deleted' | 'links' | 'many',
  folder: string,
  mounted = false,
): Promise<Victim> {
  const wrapper = name !== 'deleted' ? [] : mounted ? MOUNTED : COPIED;
  return Victim.start(name, { FOLDER: folder }, new URL(`victims/${name}.c`, import.meta.url), wrapper);
}

/** Names of all that is in a folder. */
export function list(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' }).sort();
}

/** Names of the links that dumps have made. */
export function linksIn(folder: string): string[] {
  return list(folder).filter((name) => name.startsWith('link_remap.'));
}
