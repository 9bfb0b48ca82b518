// Descriptors of this process, as the kernel names them.
import { readlinkSync } from 'node:fs';
import { decodeBytes } from '../../proc/index.js';

/** What a descriptor of ours leads to. */
export function readLinkOf(fd: number): string {
  return decodeBytes(readlinkSync(`/proc/self/fd/${fd}`, 'latin1'));
}
