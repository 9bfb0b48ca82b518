// Parts of memory that one step of a program fills, as the agent takes them (struct agent_pages).
import { abi } from '@criu/native';

/** A part of a task's memory that is filled. */
export interface PagesPart {
  /** First address, and the first one behind. */
  readonly start: bigint;
  readonly end: bigint;
  /**
   * `read`: from a file. `populate`: the same, with pages that are made at once before. `collapse`: nothing is read, the
   * memory gets huge pages, if the kernel has some at no great cost; whole 2 MiB. `huge`: that, and then the contents. `file`:
   * from a file into the file `target`, where the addresses are offsets.
   */
  readonly how: keyof typeof PAGES_HOW;
  /** Descriptor of the task, and where to read in that file. */
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
} as const;
/** Bytes of the stack of a helper, which does no more than system calls. */
export const HELPER_STACK = 4096;

/** A struct agent_pages each. */
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
