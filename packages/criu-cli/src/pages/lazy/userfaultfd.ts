// userfaultfd(2) of another task, driven from outside: any process that has the descriptor may say what it is to report.
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

/** Fork, remap, remove (madvise) and unmap are reported before the task goes on. */
const EVENTS =
  UFFD_FEATURE_EVENT_FORK | UFFD_FEATURE_EVENT_REMAP | UFFD_FEATURE_EVENT_REMOVE | UFFD_FEATURE_EVENT_UNMAP;

/** Agrees on the API with the events that whoever brings pages has to hear of. @throws SysError */
export function agreeOnEvents(uffd: number): void {
  const api = new BigUint64Array([BigInt(UFFD_API), BigInt(EVENTS), 0n]);
  const result = sysRaw('ioctl', uffd, UFFDIO_API, api);
  if (result < 0) throw new SysError('UFFDIO_API', -result);
}

/** Has page faults of a range of its task reported where there is no page. @throws SysError */
export function reportMissing(uffd: number, start: bigint, end: bigint): void {
  const register = new BigUint64Array([start, end - start, BigInt(UFFDIO_REGISTER_MODE_MISSING), 0n]);
  const result = sysRaw('ioctl', uffd, UFFDIO_REGISTER, register);
  if (result < 0) throw new SysError('UFFDIO_REGISTER', -result, `0x${start.toString(16)}`);
}

/**
 * The device that gives descriptors to whoever has it open, also to a task that is not privileged itself; undefined on
 * kernels before 6.1.
 */
export function openDevice(): number | undefined {
  try {
    return openSync('/dev/userfaultfd', 'r+');
  } catch {
    return undefined;
  }
}

/** Closes it again. */
export function closeDevice(fd: number | undefined): void {
  if (fd !== undefined) closeSync(fd);
}
