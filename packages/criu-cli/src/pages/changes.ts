// Which pages have changed since the dump that this one builds on: as the kernel says, where it keeps account of that, or by
// comparing them with the images.
import { availableParallelism } from 'node:os';
import { PagemapFlags } from '@criu/images';
import { addon, SysError } from '@criu/native';
import { readFileSync, writeFileSync } from '@criu/native/fs';
import { asCriuError } from '../errors.js';
import { readStat } from '../proc/index.js';
import { joined, type PageJob, type PageRun, type PageRuns } from './runs.js';
import type { ParentPages, SharedPiece } from './sources/parents.js';

const PAGE = 4096;
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
    const pieces = outside(found, job.runs.unnoticed ?? []);
    if (pieces.length === 0) return job.runs;
    const same =
      this.trackedSince !== undefined && 'pid' in job.which
        ? this.unmarked(job.pid, pieces)
        : await compare(job, pieces);
    return joined(split(job.runs, pieces, same));
  }

  private everything({ which, runs }: PageJob): SharedPiece[] {
    if (!('pid' in which)) return [];
    return runs.entries.map(({ vaddr, nr_pages }) => ({
      address: Number(vaddr),
      length: Number(nr_pages) * PAGE,
      fd: -1,
      offset: 0,
    }));
  }

  /** What the kernel has not seen changing. */
  private unmarked(pid: number, pieces: readonly SharedPiece[]): Uint8Array {
    const ranges = new BigUint64Array(
      pieces.flatMap((p) => [BigInt(p.address), BigInt(p.address + p.length)]),
    );
    // A task that is younger than the parent's dump only has the pid of one of its tasks.
    const young = readStat(pid).starttime >= this.trackedSince! / US_PER_TICK;
    const { errno, dirty } = addon().pagemapDirty(pid, ranges);
    if (errno) throw new SysError('read', errno, `/proc/${pid}/pagemap`);
    return dirty.map((bit) => (bit || young ? 0 : 1));
  }
}

/** The parts of pieces that lie in none of some ranges. */
function outside(
  pieces: readonly SharedPiece[],
  ranges: readonly { readonly start: bigint; readonly end: bigint }[],
): readonly SharedPiece[] {
  let left = pieces;
  for (const { start, end } of ranges) {
    const [from, to] = [Number(start), Number(end)];
    left = left.flatMap((piece) => {
      const { address, length, offset } = piece;
      const last = address + length;
      if (last <= from || address >= to) return [piece];
      const parts: SharedPiece[] = [];
      if (address < from) parts.push({ ...piece, length: from - address });
      if (last > to)
        parts.push({ ...piece, address: to, length: last - to, offset: offset + (to - address) });
      return parts;
    });
  }
  return left;
}

/** Contents that are equal need not be kept twice, whoever had them: that cannot be wrong. */
async function compare(job: PageJob, pieces: readonly SharedPiece[]): Promise<Uint8Array> {
  const quads = new BigUint64Array(pieces.length * 4);
  pieces.forEach((p, i) => {
    quads.set(
      [BigInt(p.address) + (job.base ?? 0n), BigInt(p.length), BigInt(p.fd), BigInt(p.offset)],
      i * 4,
    );
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

function* split(runs: PageRuns, pieces: readonly SharedPiece[], same: Uint8Array): Generator<PageRun> {
  let next = 0;
  let page = 0;
  for (const { vaddr, nr_pages, flags } of runs.entries) {
    const run = (start: number, end: number, inParent: boolean): PageRun => ({
      start: BigInt(start),
      end: BigInt(end),
      flags: inParent ? PagemapFlags.PARENT : flags!,
    });
    let at = Number(vaddr);
    const end = at + Number(nr_pages) * PAGE;
    for (; next < pieces.length && pieces[next]!.address < end; next++) {
      const { address, length } = pieces[next]!;
      if (address > at) yield run(at, address, false);
      const last = page + length / PAGE;
      for (at = address; page < last; ) {
        const first = page;
        while (page < last && same[page] === same[first]) page++;
        const stop = at + (page - first) * PAGE;
        yield run(at, stop, same[first] === 1);
        at = stop;
      }
    }
    if (at < end) yield run(at, end, false);
  }
}
