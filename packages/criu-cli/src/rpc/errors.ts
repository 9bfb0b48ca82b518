// What clients get of an error: an errno, and a text that fits into the buffers that they have for answers.
import { constants } from 'node:os';
import type { CriuError, CriuErrorCode } from '../errors.js';

const { EACCES, ECANCELED, EEXIST, EIO, EOPNOTSUPP, ESRCH } = constants.errno;
/** Invalid request code, which node has no name for. */
const EBADRQC = 56;

/** What has a fixed number, as clients act upon it; all others have that of the system call that failed. */
const ERRNOS: Partial<Record<CriuErrorCode, number>> = {
  BAD_OPTION: EBADRQC,
  NO_SUCH_TASK: ESRCH,
  PID_IN_USE: EEXIST,
  UNSUPPORTED: EOPNOTSUPP,
  NOT_PERMITTED: EACCES,
  ABORTED: ECANCELED,
};
/** Clients of old receive into 1024 bytes, and a message that was cut is none. */
const MESSAGE_BYTES = 768;

export function errnoOf(error: CriuError): number {
  return ERRNOS[error.code] ?? error.errno ?? EIO;
}

/** Cut at a character, not within one. */
export function messageOf(error: CriuError): string {
  const bytes = Buffer.from(error.explain());
  if (bytes.length <= MESSAGE_BYTES) return bytes.toString();
  let end = MESSAGE_BYTES - 3;
  while (((bytes[end] ?? 0) & 0xc0) === 0x80) end--;
  return `${bytes.toString('utf8', 0, end)}...`;
}
