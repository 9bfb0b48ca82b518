// What can go wrong with netlink: the kernel refuses a request, or its answer cannot be read.
import { SysError } from '../errors.js';

/** The extended part of a negative answer (NLMSGERR_ATTR_*, <linux/netlink.h>). */
export interface ExtendedError {
  /** The kernel's own words. */
  readonly text?: string;
  /** Offset in the request, header included, of the attribute that it is about. */
  readonly offset?: number;
  /** Type of an attribute that is missing, and offset of the nest that it is missing in; none for the outermost. */
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

/** The kernel refused a request, or its socket failed. `code` and `errno` as of a system call. */
export class NetlinkError extends SysError {
  constructor(
    /** What was asked for: "list links", "nftables lock". */
    request: string,
    errno: number,
    readonly extended?: ExtendedError,
  ) {
    super(request, errno);
    this.name = 'NetlinkError';
    this.message += words(extended);
  }
}

/** Bytes that are no messages or attributes as the kernel makes them. */
export class NetlinkFormatError extends Error {
  readonly code = 'NETLINK_FORMAT';
  constructor(what: string, problem: string) {
    super(`${what}: ${problem}`);
    this.name = 'NetlinkFormatError';
  }
}
