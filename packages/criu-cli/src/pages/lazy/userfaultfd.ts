// userfaultfd(2) of another task, controlled from outside: any process that has the descriptor may register ranges.
import { SysError, sysRaw } from '@criu/native';
import { closeSync, openSync } from '@criu/native/fs';
import {
  UFFD_API,
  UFFD_FEATURE_EVENT_FORK,
  UFFD_FEATURE_EVENT_REMAP,
  UFFD_FEATURE_EVENT_REMOVE,
  UFFD_FEATURE_EVENT_UNMAP,
  UFFDIO_API,
  UFFDIO_REGISTER,
  UFFDIO_REGISTER_MODE_MISSING,
} from '@criu/native/uapi';

/** The kernel reports fork, mremap, madvise (remove) and munmap before the task continues. */
const EVENTS =
  UFFD_FEATURE_EVENT_FORK | UFFD_FEATURE_EVENT_REMAP | UFFD_FEATURE_EVENT_REMOVE | UFFD_FEATURE_EVENT_UNMAP;

/** Does the UFFDIO_API handshake, asking for the events that a pager has to know of. @throws SysError */
export function agreeOnEvents(uffd: number): void {
  const api = new BigUint64Array([BigInt(UFFD_API), BigInt(EVENTS), 0n]);
  const result = sysRaw('ioctl', uffd, UFFDIO_API, api);
  if (result < 0) throw new SysError('UFFDIO_API', -result);
}

/** Registers a range, so that faults on missing pages in it are reported. @throws SysError */
export function reportMissing(uffd: number, start: bigint, end: bigint): void {
  const register = new BigUint64Array([start, end - start, BigInt(UFFDIO_REGISTER_MODE_MISSING), 0n]);
  const result = sysRaw('ioctl', uffd, UFFDIO_REGISTER, register);
  if (result < 0) throw new SysError('UFFDIO_REGISTER', -result, `0x${start.toString(16)}`);
}

/**
 * Opens /dev/userfaultfd. It gives userfaultfds to any process that has it open, even one without privileges. Undefined
 * on kernels before 6.1.
 */
export function openDevice(): number | undefined {
  try {
    return openSync('/dev/userfaultfd', 'r+');
  } catch {
    return undefined;
  }
}

export function closeDevice(fd: number | undefined): void {
  if (fd !== undefined) closeSync(fd);
}
