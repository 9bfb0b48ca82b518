// Where the agent lives in an address space: a hole that the image leaves free.
import { abi } from '@criu/native';
import { CriuError } from '../errors.js';

/** Bytes for programs, their data and results. */
export const BUFFER_BYTES = 1 << 20;
/** Per thread: context, program with data, stack. */
export const THREAD_SLICE = 0x4000;
/** Room to park vvar and vDSO while everything else is unmapped. */
export const PARKING = 0x20000;
const TASK_SIZE = 0x7ffffffff000;
/** The agent's ELF lies below; mmap_min_addr is usually 64 KiB. */
const LOWEST = 0x100000;
/** stack_guard_gap of a mapping that grows down. */
const GUARD = 0x110000;

export interface AgentPlace {
  /** Start of the hole. */
  readonly base: number;
  readonly size: number;
  /** The agent's region. */
  readonly region: number;
  readonly regionSize: number;
  /** Slices for the programs of threads. */
  readonly slices: number;
  readonly parking: number;
}

/**
 * A hole for the agent between the mappings of an image.
 * @param vmas start and end of each mapping, ascending
 * @throws CriuError when the address space is full
 */
export function placeAgent(
  vmas: readonly { start: number; end: number; growsDown: boolean }[],
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
