// userfaultfd(2), controlled from outside of its task: any process that has the descriptor may register ranges.
import { SysError, sysRaw } from '@criu/native';
import {
  UFFD_API,
  UFFD_FEATURE_EVENT_FORK,
  UFFD_FEATURE_EVENT_REMAP,
  UFFD_FEATURE_EVENT_REMOVE,
  UFFD_FEATURE_EVENT_UNMAP,
  UFFDIO_API,
  UFFDIO_REGISTER,
} from '@criu/native/uapi';

/**
 * The events that a pager has to know of: the kernel reports fork, mremap, madvise (remove) and munmap before the task
 * continues.
 */
export const UFFD_EVENTS =
  UFFD_FEATURE_EVENT_FORK | UFFD_FEATURE_EVENT_REMAP | UFFD_FEATURE_EVENT_REMOVE | UFFD_FEATURE_EVENT_UNMAP;

/** Does the UFFDIO_API handshake, which enables features. @returns 0, or -errno */
export function enableFeatures(uffd: number, features: number): number {
  // struct uffdio_api: api, features, ioctls.
  return sysRaw('ioctl', uffd, UFFDIO_API, new BigUint64Array([BigInt(UFFD_API), BigInt(features), 0n]));
}

/** As `enableFeatures`. @throws SysError */
export function agreeOn(uffd: number, features: number): void {
  const result = enableFeatures(uffd, features);
  if (result < 0) throw new SysError('UFFDIO_API', -result);
}

/** Registers a range. @param mode a UFFDIO_REGISTER_MODE_ @returns 0, or -errno */
export function registerRange(uffd: number, start: bigint, end: bigint, mode: number): number {
  // struct uffdio_register: range.start, range.len, mode, ioctls.
  return sysRaw('ioctl', uffd, UFFDIO_REGISTER, new BigUint64Array([start, end - start, BigInt(mode), 0n]));
}
