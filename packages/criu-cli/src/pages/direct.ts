// Pages images past the page cache (O_DIRECT): for those that nobody reads again soon, or from a cold disk.
import { PAGE_SIZE } from '@criu/images';
import { sys, sysRaw } from '@criu/native';
import { openSync } from '@criu/native/fs';
import { F_GETFL, F_SETFL, MAP_ANONYMOUS, MAP_PRIVATE, O_DIRECT } from '@criu/native/uapi';

const PROT_READ_WRITE = 3;

/** Has a file read and written past the page cache from now on. False, and all as before, where its file system cannot. */
export function setDirect(fd: number): boolean {
  const flags = sys('fcntl', fd, F_GETFL, 0);
  return sysRaw('fcntl', fd, F_SETFL, flags | O_DIRECT) === 0;
}

/** Takes it back. */
export function setBuffered(fd: number): void {
  sys('fcntl', fd, F_SETFL, sys('fcntl', fd, F_GETFL, 0) & ~O_DIRECT);
}

/** A file of whole pages for reading, direct where that works: some file systems permit it, and then fail. */
export function openDirect(file: string): number {
  const fd = openSync(file, 'r');
  if (setDirect(fd) && !readsDirect(fd)) setBuffered(fd);
  return fd;
}

/** Needs a place that begins with a page. */
function readsDirect(fd: number): boolean {
  const page = sys('mmap', 0, PAGE_SIZE, PROT_READ_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  try {
    return sysRaw('pread64', fd, page, PAGE_SIZE, 0) >= 0;
  } finally {
    sys('munmap', page, PAGE_SIZE);
  }
}
