// Links of this process's own descriptors.
import { lstatSync, readlinkSync } from '@criu/native/fs';
import { type FileStat, looksDeleted, stripDeleted } from '../../proc/index.js';

/** The link of a descriptor of ours. */
export function readLinkOf(fd: number): string {
  return readlinkSync(`/proc/self/fd/${fd}`);
}

/** Removes the kernel's " (deleted)" from a link. A name may end like that itself: then the path leads to the file. */
export function nameOf(link: string, stat: FileStat): { path: string; deleted: boolean } {
  if (!looksDeleted(link)) return { path: link, deleted: false };
  if (stat.nlink !== 0n) {
    const found = lstatSync(link, { bigint: true, throwIfNoEntry: false });
    if (found?.ino === stat.ino && found.dev === stat.dev) return { path: link, deleted: false };
  }
  return { path: stripDeleted(link), deleted: true };
}
