// Finds the place of the agent in a restored address space: a hole between the mappings of the image.
import { abi } from '@criu/native';
import { CriuError } from '../errors.js';

/** Bytes of the agent's buffer for programs, their data and results. */
export const BUFFER_BYTES = 1 << 20;
/** Bytes per thread: context, program with data, stack. */
export const THREAD_SLICE = 0x4000;
/** Bytes reserved to park vvar and vDSO while all other mappings are removed. */
export const PARKING = 0x20000;
const TASK_SIZE = 0x7ffffffff000;
/** The agent's own ELF file is mapped below this address; mmap_min_addr is usually 64 KiB. */
const LOWEST = 0x100000;
/** Bytes kept free below a mapping with MAP_GROWSDOWN: the kernel's stack_guard_gap and some more. */
const GUARD = 0x110000;

export interface AgentPlace {
  /** Start address of the hole. */
  readonly base: number;
  /** Bytes. */
  readonly size: number;
  /** Start address and size in bytes of the agent's mapping. */
  readonly region: number;
  readonly regionSize: number;
  /** Address of the slices for programs of threads, THREAD_SLICE bytes each. */
  readonly slices: number;
  /** Address at which vvar and vDSO are parked. */
  readonly parking: number;
}

/**
 * Finds a hole for the agent between the mappings of an image.
 * @param vmas start and end address of each mapping, ascending; asked for only as far as needed
 * @param threads number of threads of the task
 * @throws CriuError UNSUPPORTED if no hole is large enough
 */
export function placeAgent(
  vmas: Iterable<{ start: number; end: number; growsDown: boolean }>,
  threads: number,
  pid: number,
): AgentPlace {
  const regionSize = abi.AGENT_BUFFER_OFFSET + BUFFER_BYTES;
  const size = regionSize + threads * THREAD_SLICE + PARKING;
  let at = LOWEST;
  const fits = (end: number) => end - at >= size;
  let base: number | undefined;
  for (const vma of vmas) {
    if (vma.start >= TASK_SIZE) break;
    if (fits(vma.start - (vma.growsDown ? GUARD : 0))) {
      base = at;
      break;
    }
    at = Math.max(at, vma.end);
  }
  if (base === undefined && fits(TASK_SIZE - 0x1000)) base = at;
  if (base === undefined)
    throw new CriuError('UNSUPPORTED', `no hole of ${size} bytes in the address space for the agent`, {
      pid,
    });
  return {
    base,
    size,
    region: base,
    regionSize,
    slices: base + regionSize,
    parking: base + regionSize + threads * THREAD_SLICE,
  };
}
