// Pages images that are read or written past the page cache (O_DIRECT), for images that will not be read again soon and
// for cold disks.
import { PAGE_SIZE } from '@criu/images';
import { sys, sysRaw } from '@criu/native';
import { openSync } from '@criu/native/fs';
import {
  F_GETFL,
  F_SETFL,
  MAP_ANONYMOUS,
  MAP_PRIVATE,
  O_DIRECT,
  PROT_READ,
  PROT_WRITE,
} from '@criu/native/uapi';

const PROT_READ_WRITE = PROT_READ | PROT_WRITE;

/** Sets O_DIRECT on a descriptor. @returns false, with nothing changed, if the file system does not support it */
export function setDirect(fd: number): boolean {
  const flags = sys('fcntl', fd, F_GETFL, 0);
  return sysRaw('fcntl', fd, F_SETFL, flags | O_DIRECT) === 0;
}

/** Clears O_DIRECT. */
export function setBuffered(fd: number): void {
  sys('fcntl', fd, F_SETFL, sys('fcntl', fd, F_GETFL, 0) & ~O_DIRECT);
}

/**
 * Opens a file of whole pages for reading, with O_DIRECT if reads work: some file systems accept the flag and then
 * fail.
 */
export function openDirect(file: string): number {
  const fd = openSync(file, 'r');
  if (setDirect(fd) && !readsDirect(fd)) setBuffered(fd);
  return fd;
}

/** Whether a direct read succeeds. It needs a page-aligned buffer, hence mmap. */
function readsDirect(fd: number): boolean {
  const page = sys('mmap', 0, PAGE_SIZE, PROT_READ_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  try {
    return sysRaw('pread64', fd, page, PAGE_SIZE, 0) >= 0;
  } finally {
    sys('munmap', page, PAGE_SIZE);
  }
}
