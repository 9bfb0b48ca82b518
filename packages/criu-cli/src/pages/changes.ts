// Which pages have changed since the dump that this one builds on: as the kernel says, where it keeps account of that, or by
// comparing them with the images.
import { availableParallelism } from 'node:os';
import { PagemapFlags } from '@criu/images';
import { addon, SysError } from '@criu/native';
import { readFileSync, writeFileSync } from '@criu/native/fs';
import { asCriuError } from '../errors.js';
import { readStat } from '../proc/index.js';
import { byStart, common, cutRange, type Range, union, without } from './ranges.js';
import { joined, type PageJob, type PageRun, type PageRuns } from './runs.js';
import type { ParentPages, SharedPiece } from './sources/parents.js';

const PAGE = 4096n;
/** Ticks of /proc/PID/stat are 1/100 of a second. */
const US_PER_TICK = 10_000n;

/** Has the kernel note changes of a task anew from here on. @throws CriuError */
export function forgetChanges(pid: number): void {
  try {
    writeFileSync(`/proc/${pid}/clear_refs`, '4');
  } catch (error) {
    throw asCriuError(error, 'cannot reset the tracking of changed pages', { pid });
  }
}

/** Microseconds since the machine was started, as inventories have them. */
export function uptime(): bigint {
  const [seconds, hundredths] = readFileSync('/proc/uptime', 'latin1').split(' ')[0]!.split('.');
  return BigInt(seconds!) * 1_000_000n + BigInt(hundredths!.slice(0, 2)) * 10_000n;
}

/** Leaves what has not changed to the parent checkpoint. */
export class ChangeFinder {
  constructor(
    /** Undefined where a page server has the parent's pages. */
    private readonly parents: ParentPages | undefined,
    /** When the parent was made, if the kernel has noted changes since. */
    private readonly trackedSince: bigint | undefined,
  ) {}

  /** The pages of a job, those that are the same in the parent marked so. @throws CriuError, SysError */
  async apply(job: PageJob): Promise<PageRuns> {
    const found = this.parents?.overlap(job.which, job.runs) ?? this.everything(job);
    const pieces = without(found, job.runs.unnoticed ?? [], cutPiece);
    if (pieces.length === 0) return job.runs;
    const same =
      this.trackedSince !== undefined && 'pid' in job.which
        ? this.unmarked(job.pid, pieces)
        : await compare(job, pieces);
    return joined(split(job.runs, pieces, same));
  }

  private everything({ which, runs }: PageJob): SharedPiece[] {
    if (!('pid' in which)) return [];
    return runs.pages.map(({ start, end }) => ({ start, end, fd: -1, offset: 0 }));
  }

  /** What the kernel has not seen changing. */
  private unmarked(pid: number, pieces: readonly SharedPiece[]): Uint8Array {
    const ranges = new BigUint64Array(pieces.flatMap(({ start, end }) => [start, end]));
    // A task that is younger than the parent's dump only has the pid of one of its tasks.
    const young = readStat(pid).starttime >= this.trackedSince! / US_PER_TICK;
    const { errno, dirty } = addon().pagemapDirty(pid, ranges);
    if (errno) throw new SysError('read', errno, `/proc/${pid}/pagemap`);
    return dirty.map((bit) => (bit || young ? 0 : 1));
  }
}

function cutPiece(piece: SharedPiece, start: bigint, end: bigint): SharedPiece {
  return { ...piece, start, end, offset: piece.offset + Number(start - piece.start) };
}

/** Contents that are equal need not be kept twice, whoever had them: that cannot be wrong. */
async function compare(job: PageJob, pieces: readonly SharedPiece[]): Promise<Uint8Array> {
  const quads = new BigUint64Array(pieces.length * 4);
  pieces.forEach(({ start, end, fd, offset }, i) => {
    quads.set([start + (job.base ?? 0n), end - start, BigInt(fd), BigInt(offset)], i * 4);
  });
  const result = await addon().comparePages(job.pid, job.fd, quads, availableParallelism());
  if (result.errno)
    throw asCriuError(
      new SysError('comparing pages', result.errno),
      `cannot compare memory at 0x${result.address.toString(16)}`,
      job.pid ? { pid: job.pid } : {},
    );
  return result.same;
}

/** Runs cut where what is the same in the parent begins and ends. `same`: a byte for each page of the pieces. */
function* split(runs: PageRuns, pieces: readonly SharedPiece[], same: Uint8Array): Generator<PageRun> {
  const shared = equal(pieces, same);
  const rest = [...without(runs.pages, shared, cutRange)];
  const kept = common(runs.pages, shared, cutRange).map((run) => ({ ...run, flags: PagemapFlags.PARENT }));
  yield* [...rest, ...kept].sort(byStart);
}

/** The pages that are the same. */
function equal(pieces: readonly SharedPiece[], same: Uint8Array): Range[] {
  const out: Range[] = [];
  let first = 0;
  for (const { start, end } of pieces) {
    const count = Number((end - start) / PAGE);
    const address = (page: number) => start + BigInt(page - first) * PAGE;
    for (let page = same.indexOf(1, first); page >= 0 && page < first + count; page = same.indexOf(1, page)) {
      const from = page;
      while (page < first + count && same[page]) page++;
      out.push({ start: address(from), end: address(page) });
    }
    first += count;
  }
  return union(out);
}
