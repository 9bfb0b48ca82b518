// Runs of pages on their way into images: which pages exist, and which of them the images of this dump will hold.
import { type PagemapColumns, PagemapFlags } from '@criu/images';
import { addon, SysError } from '@criu/native';
import { openSync } from '@criu/native/fs';
import { ESRCH } from '@criu/native/uapi';
import { asCriuError, CriuError } from '../errors.js';
import type { WhichMemory } from '../images/memory.js';
import type { Range } from './ranges.js';

export interface PageRun extends Range {
  /** Flags of the pagemap entry. */
  readonly flags: number;
}

/** Properties of some of the pages. */
export interface RunNotes {
  /** Ranges in which the kernel does not track changes: they are never left to the parent. */
  readonly unnoticed?: readonly Range[];
  /** Mappings in which a tracker process has the kernel track changes. */
  readonly tracked?: readonly Range[];
  /** Ranges that a fork of the task would not have, or with other contents. */
  readonly unheld?: readonly Range[];
}

/**
 * Runs of one address space or shared memory object, sorted by address. They are stored in columns, as there can be one
 * for each page; objects are only created on demand.
 */
export class PageRuns {
  private list: readonly PageRun[] | undefined;
  private sum: number | undefined;

  constructor(
    readonly columns: PagemapColumns,
    readonly notes: RunNotes = {},
  ) {}

  /** All runs as objects. */
  get pages(): readonly PageRun[] {
    this.list ??= this.with(() => true);
    return this.list;
  }

  /** The runs whose flags satisfy `wanted`. */
  with(wanted: (flags: number) => boolean): PageRun[] {
    const { starts, ends, flags } = this.columns;
    const out: PageRun[] = [];
    for (let i = 0; i < flags.length; i++) {
      const start = starts[i] ?? 0;
      const end = ends[i] ?? 0;
      const flag = flags[i] ?? 0;
      if (wanted(flag)) out.push({ start: BigInt(start), end: BigInt(end), flags: flag });
    }
    return out;
  }

  /**
   * Pairs of address and length in bytes of the runs that the images of this dump hold, in the order of the pages
   * image.
   */
  get ranges(): BigUint64Array {
    const { starts, ends, flags } = this.columns;
    return addon().runRanges(starts, ends, flags, PagemapFlags.PRESENT);
  }

  /** Number of bytes of these. */
  get bytes(): number {
    this.sum ??= this.count();
    return this.sum;
  }

  private count(): number {
    const { starts, ends, flags } = this.columns;
    let sum = 0;
    for (let i = 0; i < flags.length; i++)
      if ((flags[i] ?? 0) & PagemapFlags.PRESENT) sum += (ends[i] ?? 0) - (starts[i] ?? 0);
    return sum;
  }
}

/** Adds a run to sorted columns and joins it with adjacent runs that have the same flags. It must not overlap other runs. */
export function withRun(columns: PagemapColumns, start: number, end: number, flag: number): PagemapColumns {
  const { starts, ends, flags } = columns;
  let low = 0;
  for (let high = flags.length; low < high; ) {
    const middle = (low + high) >>> 1;
    if ((starts[middle] ?? 0) < start) low = middle + 1;
    else high = middle;
  }
  const from = low > 0 && ends[low - 1] === start && flags[low - 1] === flag ? low - 1 : low;
  const to = starts[low] === end && flags[low] === flag ? low + 1 : low;
  const put = <T extends Float64Array | Uint8Array>(out: T, column: T, value: number): T => {
    out.set(column.subarray(0, from));
    out[from] = value;
    out.set(column.subarray(to), from + 1);
    return out;
  };
  const length = flags.length + 1 + from - to;
  return {
    starts: put(new Float64Array(length), starts, from < low ? (starts[from] ?? start) : start),
    ends: put(new Float64Array(length), ends, to > low ? (ends[low] ?? end) : end),
    flags: put(new Uint8Array(length), flags, flag),
  };
}

/** Collects runs in any order; adjacent runs with the same flags are merged, even across mappings. */
export class RunBuilder {
  private readonly starts: number[] = [];
  private readonly ends: number[] = [];
  private readonly flags: number[] = [];
  private inOrder = true;

  /** Page addresses are represented exactly by a double. */
  add(start: number, end: number, flags: number): void {
    const last = this.starts.length - 1;
    if (last >= 0 && this.ends[last] === start && this.flags[last] === flags) {
      this.ends[last] = end;
      return;
    }
    if (last >= 0 && start < (this.starts[last] ?? 0)) this.inOrder = false;
    this.starts.push(start);
    this.ends.push(end);
    this.flags.push(flags);
  }

  build(notes?: RunNotes): PageRuns {
    const { starts, ends, flags } = this;
    if (!this.inOrder) {
      const order = starts.map((_, i) => i).sort((a, b) => (starts[a] ?? 0) - (starts[b] ?? 0));
      const sorted = new RunBuilder();
      for (const i of order) sorted.add(starts[i] ?? 0, ends[i] ?? 0, flags[i] ?? 0);
      return sorted.build(notes);
    }
    const columns = {
      starts: new Float64Array(starts),
      ends: new Float64Array(ends),
      flags: new Uint8Array(flags),
    };
    return new PageRuns(columns, notes);
  }
}

/** A job: pages of a task, or of a shared memory object, that are to be stored. */
export interface PageJob {
  readonly which: WhichMemory;
  /** Pid of the process that has the pages; 0 for pages of a file. */
  readonly pid: number;
  /** Pid of the task whose memory that process holds, if it is a fork. */
  readonly holds?: number;
  /** Address of the start of a shared memory object in the task that its pages are read from. */
  readonly base?: bigint;
  /**
   * Descriptor of the file that has the pages, closed when the job is done. For pages of a task -1, or its open
   * /proc/PID/mem, which leaves pages shared that it shares copy-on-write.
   */
  readonly fd: number;
  readonly runs: PageRuns;
  /**
   * The ranges in which changes since the parent's dump were looked up while the task was stopped; and those without
   * changes.
   */
  readonly looked?: readonly Range[];
  readonly unchanged?: readonly Range[];
  /** The task runs meanwhile: pages that vanish before they are read are dropped. */
  readonly running?: boolean;
  /** Called when the pages are not needed any more, whether they have been stored or not. */
  readonly done?: () => void;
}

/** Number of tasks whose memory is open at the same time; descriptors of this process are limited. */
const MOST_OPEN = 256;

/**
 * Whether so much of a task's memory is shared copy-on-write that it should stay so while it is read. Reading the pages of one
 * task only takes a sixth longer then, and copying shared pages more than doubles the time.
 */
export function sharesMuch(sharedBytes: number, { bytes }: PageRuns): boolean {
  return sharedBytes > 0 && sharedBytes >= bytes / 8;
}

/**
 * Opens the memory of a process that may share pages copy-on-write: process_vm_readv(2) pins them, for which the kernel
 * makes a copy of each (FAULT_FLAG_UNSHARE, Linux 5.19).
 * @param others number of memories that are open already
 * @returns descriptor of /proc/PID/mem; -1 if it is not opened
 */
export function openShared(pid: number, others: number): number {
  if (others >= MOST_OPEN) return -1;
  try {
    return openSync(`/proc/${pid}/mem`, 'r');
  } catch {
    // Its pages are read by process_vm_readv(2), or the task has ended, which shows there.
    return -1;
  }
}

/** The error for pages that cannot be read, or not be stored. */
export function pageError({ pid, holds = pid }: PageJob, what: string, cause: unknown): CriuError {
  const about = holds ? { pid: holds } : {};
  if (holds !== pid && cause instanceof SysError && cause.errno === ESRCH)
    return new CriuError(
      'TASK_DIED',
      'the fork that held its memory was ended by somebody before all of it was stored',
      about,
      'the task runs on, without a snapshot: it, or the kernel for lack of memory, has killed more than it should',
      cause,
    );
  return asCriuError(cause, what, about);
}

/** Pairs of address and length, converted to addresses of the task that has the pages. */
export function sourceRanges({ base = 0n }: PageJob, ranges: BigUint64Array): BigUint64Array {
  return base ? ranges.map((word, i) => (i % 2 === 0 ? word + base : word)) : ranges;
}

/** Builds `PageRuns` from runs as objects. */
export function joined(runs: Iterable<PageRun>, notes?: RunNotes): PageRuns {
  const builder = new RunBuilder();
  for (const { start, end, flags } of runs) builder.add(Number(start), Number(end), flags);
  return builder.build(notes);
}
