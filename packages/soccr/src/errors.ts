// The one error type of this library and the codes it can carry.
import { SysError } from '@criu/native';

/** Stable reasons for a failure. */
export type SoccrCode =
  /** The descriptor or target cannot be used: closed, another process's, not a socket. */
  | 'BAD_TARGET'
  /** A socket, but not TCP over IPv4 or IPv6 (MPTCP is not TCP). */
  | 'NOT_TCP'
  /** Listening, never connected, or in a handshake that has no owner yet. */
  | 'NOT_SAVEABLE'
  /** An urgent byte waits outside the stream; it would be lost. Read it, or set SO_OOBINLINE. */
  | 'URGENT_DATA'
  /** The connection carries what repair mode cannot move: an upper-layer protocol (kTLS) or MD5 keys. */
  | 'UNSUPPORTED'
  /** Queues or sequence numbers moved while they were read: the connection was not locked or its owner ran. */
  | 'CHANGED'
  /** CAP_NET_ADMIN (or CAP_NET_RAW for closing states) is missing. */
  | 'NO_PERMISSION'
  /** The local address does not exist here. */
  | 'ADDRESS_NOT_AVAILABLE'
  /** The same connection still exists in this network namespace. */
  | 'CONNECTION_EXISTS'
  /** There is no route to the peer. */
  | 'PEER_UNREACHABLE'
  /** The firewall could not be told to hold the connection, or to let it go. */
  | 'LOCK'
  /** The saved state or image is malformed or from another version. */
  | 'BAD_STATE'
  /** A Node socket still has data of its own that could not be brought into the kernel. */
  | 'SOCKET_BUSY'
  /** The handle was already resumed or discarded. */
  | 'FINISHED'
  /** Any other failing system call. */
  | 'SYSTEM';

export interface SoccrErrorDetails {
  /** What it is about: an address pair, a descriptor, a file. */
  object?: string;
  syscall?: string;
  /** Positive errno, when a system call failed. */
  errno?: number;
  cause?: unknown;
}

/** Everything this library throws. The message says what, where and what to do. */
export class SoccrError extends Error {
  readonly object: string | undefined;
  readonly syscall: string | undefined;
  readonly errno: number | undefined;
  constructor(
    readonly code: SoccrCode,
    message: string,
    details: SoccrErrorDetails = {},
  ) {
    super(
      details.object ? `${details.object}: ${message}` : message,
      details.cause === undefined ? undefined : { cause: details.cause },
    );
    this.name = 'SoccrError';
    this.object = details.object;
    this.syscall = details.syscall ?? (details.cause instanceof SysError ? details.cause.syscall : undefined);
    this.errno = details.errno ?? (details.cause instanceof SysError ? details.cause.errno : undefined);
  }
}

/** Errors of a call as ours: permission gets its own code, others `fallback`. */
export function wrap(
  error: unknown,
  doing: string,
  object: string,
  fallback: SoccrCode = 'SYSTEM',
): SoccrError {
  if (error instanceof SoccrError) return error;
  if (!(error instanceof SysError)) throw error;
  const denied = error.code === 'EPERM' || error.code === 'EACCES';
  return new SoccrError(
    denied ? 'NO_PERMISSION' : fallback,
    denied
      ? `${doing}: ${error.code}: CAP_NET_ADMIN is needed in the connection's network namespace`
      : `${doing}: ${error.code}`,
    { object, cause: error },
  );
}
