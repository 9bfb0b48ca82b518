// Descriptors of this process, as the kernel names them.
import { lstatSync, readlinkSync } from '@criu/native/fs';
import { type FileStat, looksDeleted, stripDeleted } from '../../proc/index.js';

/** What a descriptor of ours leads to. */
export function readLinkOf(fd: number): string {
  return readlinkSync(`/proc/self/fd/${fd}`);
}

/**
 * Takes the kernel's mark of deletion off the link of a file. A name may end so by itself: then it leads to the file.
 */
export function nameOf(link: string, stat: FileStat): { path: string; deleted: boolean } {
  if (!looksDeleted(link)) return { path: link, deleted: false };
  if (stat.nlink !== 0n) {
    const found = lstatSync(link, { bigint: true, throwIfNoEntry: false });
    if (found?.ino === stat.ino && found.dev === stat.dev) return { path: link, deleted: false };
  }
  return { path: stripDeleted(link), deleted: true };
}
