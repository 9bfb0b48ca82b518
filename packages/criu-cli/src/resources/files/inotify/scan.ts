// Searches watched files whose handles give no path: by inode, in the folders of `--irmap-scan-path`, and in those
// where programs usually watch.

import { join } from 'node:path';
import { close } from '@criu/native';
import { type BigIntStats, constants, lstatSync, openSync, readdirSync } from '@criu/native/fs';
import { O_PATH } from '@criu/native/uapi';
import type { DumpContext } from '../../../engine/dump-context.js';
import { stateKey } from '../../../states.js';
import { type MountTable, mountIdOf, mountTables } from '../../../views/mounts.js';
import { kernelDev } from '../open-file.js';
import type { Watched } from './dump.js';

/** Folders that are usually watched: configuration, spools, logs, services. */
const USUAL = [
  '/etc',
  '/var/spool',
  '/var/log',
  '/usr/share/dbus-1/services',
  '/usr/share/dbus-1/system-services',
  '/var/lib/polkit-1/localauthority',
  '/usr/share/polkit-1/actions',
  '/lib/udev',
] as const;

interface Seen {
  readonly path: string;
  readonly stat: BigIntStats;
}

function look(root: string, path: string): Seen | undefined {
  try {
    return { path, stat: lstatSync(root + path, { bigint: true }) };
  } catch {
    // It was removed meanwhile, or never existed.
    return undefined;
  }
}

/** A file and, if it is a folder, everything below it, without following links. */
function* below(root: string, path: string): Generator<Seen> {
  const seen = look(root, path);
  if (!seen) return;
  yield seen;
  if (!seen.stat.isDirectory()) return;
  let names: string[];
  try {
    names = readdirSync(root + path);
  } catch {
    return;
  }
  for (const name of names) yield* below(root, join(path, name));
}

function* everything(root: string, folders: readonly string[]): Generator<Seen> {
  for (const folder of folders) yield* below(root, folder);
  const top = look(root, '/');
  if (top) yield top;
}

type Found = Pick<Watched, 'path' | 'link'>;

/** A search that continues where the previous one has stopped, so that nothing is looked at twice. */
class Search {
  private readonly seen = new Map<string, Found>();
  private readonly rest: Generator<Seen>;

  constructor(root: string, folders: readonly string[]) {
    this.rest = everything(root, folders);
  }

  find(dev: number, ino: bigint): Found | undefined {
    const wanted = `${dev}:${ino}`;
    const known = this.seen.get(wanted);
    if (known) return known;
    for (let next = this.rest.next(); !next.done; next = this.rest.next()) {
      const { path, stat } = next.value;
      const key = `${kernelDev(stat.dev)}:${stat.ino}`;
      const found = { path, link: stat.isSymbolicLink() };
      if (!this.seen.has(key)) this.seen.set(key, found);
      if (key === wanted) return found;
    }
    return undefined;
  }
}

const searches = stateKey('searches for watched files', (_: DumpContext) => new Map<MountTable, Search>());

/** A path by which a task sees an inode; undefined if none of the folders has it. */
export function searchFor(
  ctx: DumpContext,
  pid: number,
  { sdev, ino }: { readonly sdev: number; readonly ino: bigint },
): Watched | undefined {
  const table = mountTables(ctx).of(pid);
  if (table.root === undefined) return undefined;
  const all = ctx.states.get(searches);
  const search = all.get(table) ?? new Search(table.root, [...(ctx.options.irmapScanPaths ?? []), ...USUAL]);
  all.set(table, search);
  const found = search.find(sdev >>> 0, ino);
  if (!found) return undefined;
  if (table.host) return { ...found, mountId: undefined };
  const fd = openSync(table.root + found.path, O_PATH | constants.O_NOFOLLOW);
  try {
    return { ...found, mountId: mountIdOf(fd) };
  } finally {
    close(fd);
  }
}
