// Errors of netlink: the kernel refuses a request, or its answer has an unknown format.
import { SysError } from '../errors.js';

/** Extended part of a negative acknowledgement (NLMSGERR_ATTR_*, <linux/netlink.h>). */
export interface ExtendedError {
  /** The message of the kernel. */
  readonly text?: string;
  /** Offset of the offending attribute in the request, header included, in bytes. */
  readonly offset?: number;
  /** Type of a missing attribute, and offset of the nest in which it is missing; undefined for the outermost level. */
  readonly missing?: { readonly type: number; readonly nest?: number };
}

function words(extended: ExtendedError | undefined): string {
  const parts = [
    extended?.text,
    extended?.offset === undefined ? undefined : `attribute at byte ${extended.offset} of the request`,
    extended?.missing && `attribute ${extended.missing.type} is missing`,
  ].filter((part) => part !== undefined);
  return parts.length > 0 ? ` (${parts.join('; ')})` : '';
}

/** The kernel refused a request, or the socket failed. `code` and `errno` are those of a system call. */
export class NetlinkError extends SysError {
  constructor(
    /** Name of the request: "list links", "nftables lock". */
    request: string,
    errno: number,
    readonly extended?: ExtendedError,
  ) {
    super(request, errno);
    this.name = 'NetlinkError';
    this.message += words(extended);
  }
}

/** Bytes that are no valid netlink message or attribute. */
export class NetlinkFormatError extends Error {
  readonly code = 'NETLINK_FORMAT';
  constructor(what: string, problem: string) {
    super(`${what}: ${problem}`);
    this.name = 'NetlinkFormatError';
  }
}
