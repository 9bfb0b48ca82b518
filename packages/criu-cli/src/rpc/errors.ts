// Converts errors for clients: an errno, and a text that fits into their receive buffers.
import { constants } from 'node:os';
import { EBADRQC } from '@criu/native/uapi';
import type { CriuError, CriuErrorCode } from '../errors.js';

const { EACCES, ECANCELED, EEXIST, EIO, EOPNOTSUPP, ESRCH } = constants.errno;

/** Codes with a fixed errno, on which clients act; for others it is the errno of the failed system call. */
const ERRNOS: Partial<Record<CriuErrorCode, number>> = {
  BAD_OPTION: EBADRQC,
  NO_SUCH_TASK: ESRCH,
  PID_IN_USE: EEXIST,
  UNSUPPORTED: EOPNOTSUPP,
  NOT_PERMITTED: EACCES,
  ABORTED: ECANCELED,
};
/** Bytes of the message: old clients receive into 1024 bytes, and a truncated message cannot be decoded. */
const MESSAGE_BYTES = 768;

export function errnoOf(error: CriuError): number {
  return ERRNOS[error.code] ?? error.errno ?? EIO;
}

/** The text of an error, cut at a character boundary. */
export function messageOf(error: CriuError): string {
  const bytes = Buffer.from(error.explain());
  if (bytes.length <= MESSAGE_BYTES) return bytes.toString();
  let end = MESSAGE_BYTES - 3;
  while (((bytes[end] ?? 0) & 0xc0) === 0x80) end--;
  return `${bytes.toString('utf8', 0, end)}...`;
}
