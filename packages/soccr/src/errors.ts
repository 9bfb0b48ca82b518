// The error class of this library and its codes.
import { SysError } from '@criu/native';

/** Codes of failures, which stay the same in all versions. */
export type SoccrCode =
  /** The descriptor or target is unusable: closed, owned by another process, or no socket. */
  | 'BAD_TARGET'
  /** A socket other than TCP over IPv4 or IPv6 (MPTCP is not TCP). */
  | 'NOT_TCP'
  /** The socket listens, was never connected, or is in a handshake that no process has accepted. */
  | 'NOT_SAVEABLE'
  /** An urgent byte outside of the stream would be lost. Read it, or set SO_OOBINLINE. */
  | 'URGENT_DATA'
  /** The connection has state that repair mode cannot transfer: an upper-layer protocol (kTLS) or MD5 keys. */
  | 'UNSUPPORTED'
  /** Queues or sequence numbers changed during the save: the connection was not locked, or its owner ran. */
  | 'CHANGED'
  /** CAP_NET_ADMIN, or CAP_NET_RAW for closing states, is missing. */
  | 'NO_PERMISSION'
  /** This machine does not have the local address. */
  | 'ADDRESS_NOT_AVAILABLE'
  /** The network namespace still has the same connection. */
  | 'CONNECTION_EXISTS'
  /** No route leads to the peer. */
  | 'PEER_UNREACHABLE'
  /** Adding or removing the firewall rules failed. */
  | 'LOCK'
  /** The saved state or image is malformed or of another version. */
  | 'BAD_STATE'
  /** Data buffered in a Node socket could not be written to the kernel. */
  | 'SOCKET_BUSY'
  /** The connection was already resumed or discarded. */
  | 'FINISHED'
  /** Another system call failed. */
  | 'SYSTEM';

export interface SoccrErrorDetails {
  /** The subject: a pair of addresses, a descriptor, a file. */
  object?: string;
  syscall?: string;
  /** Errno as a positive number, if a system call failed. */
  errno?: number;
  cause?: unknown;
}

/** All errors of this library. The message has the problem, its place and the remedy. */
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

/** Converts an error of a call to a SoccrError: EPERM gets the code NO_PERMISSION, others `fallback`. */
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
