// Parts of memory for a step that fills memory (struct agent_pages).
import { abi } from '@criu/native';

/** A part of a task's memory to be filled. */
export interface PagesPart {
  /** First address, and the first address after the part. */
  readonly start: bigint;
  readonly end: bigint;
  /**
   * `read`: read from a file. `populate`: the same, after allocating all pages at once. `collapse`: read nothing, but
   * replace the pages by huge pages (whole 2 MiB) if the step may make some and the kernel has some readily available. `huge`: `collapse`, then
   * read. `file`: copy from a file into the file `target`, in which the addresses are offsets. `scatter`: read from a
   * file into several places, which are entries of the step's list of struct iovec: `start` and `end` are indexes of
   * that list, at most 1024 (IOV_MAX) apart.
   */
  readonly how: keyof typeof PAGES_HOW;
  /** Descriptor in the task, and offset in that file. */
  readonly fd?: number;
  readonly offset?: number;
  readonly target?: number;
}

const PAGES_HOW = {
  read: abi.AGENT_PAGES_READ,
  populate: abi.AGENT_PAGES_POPULATE,
  collapse: abi.AGENT_PAGES_COLLAPSE,
  huge: abi.AGENT_PAGES_HUGE,
  file: abi.AGENT_PAGES_FILE,
  scatter: abi.AGENT_PAGES_SCATTER,
} as const;

/** Encodes the parts as an array of struct agent_pages. */
export function encodeParts(parts: readonly PagesPart[]): Buffer {
  const { size, address, length, offset, fd, how, target } = abi.AgentPages;
  const list = Buffer.alloc(parts.length * size);
  parts.forEach((part, i) => {
    list.writeBigUInt64LE(part.start, i * size + address);
    list.writeBigUInt64LE(part.end - part.start, i * size + length);
    list.writeBigUInt64LE(BigInt(part.offset ?? 0), i * size + offset);
    list.writeInt32LE(part.fd ?? -1, i * size + fd);
    list.writeUInt32LE(PAGES_HOW[part.how], i * size + how);
    list.writeInt32LE(part.target ?? -1, i * size + target);
  });
  return list;
}
