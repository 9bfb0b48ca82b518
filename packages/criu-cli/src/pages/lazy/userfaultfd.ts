// The userfaultfd of a task whose memory a pager brings.
import { SysError } from '@criu/native';
import { closeSync, openSync } from '@criu/native/fs';
import { UFFDIO_REGISTER_MODE_MISSING } from '@criu/native/uapi';
import { agreeOn, registerRange, UFFD_EVENTS } from '../../userfaultfd.js';

/** Does the UFFDIO_API handshake, asking for the events that a pager has to know of. @throws SysError */
export function agreeOnEvents(uffd: number): void {
  agreeOn(uffd, UFFD_EVENTS);
}

/** Registers a range, so that faults on missing pages in it are reported. @throws SysError */
export function reportMissing(uffd: number, start: bigint, end: bigint): void {
  const result = registerRange(uffd, start, end, UFFDIO_REGISTER_MODE_MISSING);
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
