// Finds the pages that have changed since the parent checkpoint: by the kernel's change tracking, or by comparing pages
// with the images.
import { availableParallelism } from 'node:os';
import { PAGE, PagemapFlags } from '@criu/images';
import { addon, SysError } from '@criu/native';
import { readFileSync, writeFileSync } from '@criu/native/fs';
import { asCriuError } from '../errors.js';
import { readStat } from '../proc/index.js';
import { byStart, common, cutRange, type Range, union, without } from './ranges.js';
import { joined, type PageJob, type PageRuns, pageError } from './runs.js';
import type { ParentPages, SharedPiece } from './sources/parents.js';

/** Microseconds per clock tick of /proc/pid/stat (1/100 s). */
const US_PER_TICK = 10_000n;

/**
 * Clears the soft-dirty bits of a task (/proc/pid/clear_refs), so that the kernel tracks changes from now on.
 * @throws CriuError
 */
export function forgetChanges(pid: number): void {
  try {
    writeFileSync(`/proc/${pid}/clear_refs`, '4');
  } catch (error) {
    throw asCriuError(error, 'cannot reset the tracking of changed pages', { pid });
  }
}

/** Microseconds since boot, as in `dump_uptime` of inventories. */
export function uptime(): bigint {
  const [, seconds = 0, hundredths = 0] = /^(\d+)\.(\d\d)/.exec(readFileSync('/proc/uptime', 'latin1')) ?? [];
  return BigInt(seconds) * 1_000_000n + BigInt(hundredths) * 10_000n;
}

/** Bits of an entry in /proc/pid/pagemap. */
const SOFT_DIRTY = 55;
const WRITE_PROTECTED = 57;

/** How changes are tracked. */
export type Tracking =
  /** By soft-dirty bits of the kernel, which were cleared at `since` (microseconds since boot). */
  | { readonly by: 'soft-dirty'; readonly since: bigint }
  /** By a tracker process that the parent's dump has left running. */
  | { readonly by: 'tracker'; readonly tasks: ReadonlySet<number> };

/** Marks pages that have not changed as present in the parent checkpoint. */
export class ChangeFinder {
  constructor(
    /** Undefined if a page server has the parent's pages. */
    private readonly parents: ParentPages | undefined,
    /** Undefined if changes were not tracked since the parent was made. */
    private readonly tracking: Tracking | undefined,
  ) {}

  /**
   * Reads which pages of a stopped task have not changed; must be called before tracking starts anew.
   * @throws SysError
   */
  look(job: PageJob): PageJob {
    const { tracking } = this;
    if (tracking === undefined || !('pid' in job.which)) return job;
    if (tracking.by === 'tracker') {
      if (!tracking.tasks.has(job.pid)) return job;
      const { tracked = [] } = job.runs.notes;
      // Of mappings that may be as large as the address space, only the pages that there are count.
      const there = common(union(job.runs.pages), tracked, cutRange);
      return { ...job, looked: tracked, unchanged: pagesWith(job.pid, there, WRITE_PROTECTED, true) };
    }
    // A task that started after the parent's dump only reuses the pid of one of its tasks.
    const young = readStat(job.pid).starttime >= tracking.since / US_PER_TICK;
    const looked = union(job.runs.pages);
    return { ...job, looked, unchanged: young ? [] : pagesWith(job.pid, looked, SOFT_DIRTY, false) };
  }

  /** The pages of a job, with those marked that are the same in the parent. @throws CriuError, SysError */
  async apply(job: PageJob): Promise<PageRuns> {
    const { looked = [], unchanged = [], runs } = job;
    const found = this.parents?.overlap(job.which, runs) ?? this.everything(job);
    const pieces = without(found, runs.notes.unnoticed ?? [], cutPiece);
    const rest = this.parents ? without(pieces, looked, cutPiece) : [];
    const same = union([
      ...common(pieces, unchanged, cutPiece),
      ...(rest.length > 0 ? marked(rest, await compare(job, rest), 1) : []),
    ]);
    if (same.length === 0) return runs;
    const inParent = common(runs.pages, same, cutRange).map((run) => ({
      ...run,
      flags: PagemapFlags.PARENT,
    }));
    return joined([...inParent, ...without(runs.pages, same, cutRange)].sort(byStart));
  }

  private everything({ which, runs }: PageJob): SharedPiece[] {
    if (!('pid' in which)) return [];
    return runs.pages.map(({ start, end }) => ({ start, end, fd: -1, offset: 0 }));
  }
}

/** Pages of a task whose pagemap entry has a bit set, or not set. @throws SysError */
function pagesWith(pid: number, ranges: readonly Range[], bit: number, has: boolean): Range[] {
  if (ranges.length === 0) return [];
  const words = new BigUint64Array(ranges.flatMap(({ start, end }) => [start, end]));
  const { errno, set } = addon().pagemapBit(pid, words, bit);
  if (errno) throw new SysError('read', errno, `/proc/${pid}/pagemap`);
  return marked(ranges, set, has ? 1 : 0);
}

/** The pages of `ranges` whose byte in `bytes` has the given value. `bytes` has one byte per page. */
function marked(ranges: readonly Range[], bytes: Uint8Array, value: number): Range[] {
  const out: Range[] = [];
  let page = 0;
  for (const { start, end } of ranges) {
    const last = page + Number((end - start) / PAGE);
    for (let first = page; page < last; first = page) {
      const is = bytes[first] === value;
      while (page < last && (bytes[page] === value) === is) page++;
      if (is) {
        const from = end - BigInt(last - first) * PAGE;
        out.push({ start: from, end: from + BigInt(page - first) * PAGE });
      }
    }
  }
  return out;
}

function cutPiece(piece: SharedPiece, start: bigint, end: bigint): SharedPiece {
  return { ...piece, start, end, offset: piece.offset + Number(start - piece.start) };
}

/**
 * Compares pages with those of the parent: equal contents need not be stored twice, whether or not the page was
 * written.
 */
async function compare(job: PageJob, pieces: readonly SharedPiece[]): Promise<Uint8Array> {
  const quads = new BigUint64Array(pieces.length * 4);
  pieces.forEach(({ start, end, fd, offset }, i) => {
    quads.set([start + (job.base ?? 0n), end - start, BigInt(fd), BigInt(offset)], i * 4);
  });
  const result = await addon().comparePages(job.pid, job.fd, quads, availableParallelism());
  if (result.errno)
    throw pageError(
      job,
      `cannot compare memory at 0x${result.address.toString(16)}`,
      new SysError('comparing pages', result.errno),
    );
  return result.same;
}
