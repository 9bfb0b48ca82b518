// Live snapshots: a fork of each task keeps its memory as it was when the task was stopped, while the task runs on and
// the pages are written.
import type { Twin } from '@criu/compel';
import { addon, SYS, SysError } from '@criu/native';
import { MAP_ANONYMOUS, MAP_FIXED, MAP_PRIVATE, PROT_READ, PROT_WRITE } from '@criu/native/uapi';
import { asCriuError } from '../errors.js';
import { common, cutRange, pieces, sizeOf, totalOf } from '../pages/ranges.js';
import type { PageRuns } from '../pages/runs.js';
import type { DumpContext } from './dump-context.js';
import type { LiveTask } from './dump-task.js';

/** Bytes copied at a time by process_vm_readv(2) and process_vm_writev(2). */
const BUFFER = 1 << 20;

export class HeldMemory {
  /** The forks, by pid. */
  private readonly twins = new Map<number, Twin>();
  private readonly ending: Promise<void>[] = [];
  /** Pids of all tasks, any of which may have inherited a fork. */
  private tree: ReadonlySet<number> | undefined;

  constructor(private readonly ctx: DumpContext) {}

  /**
   * Forks a task to keep its memory as it is now.
   * @returns pid of the fork; undefined if the task cannot be forked
   * @throws CriuError
   */
  async hold(task: LiveTask, runs: PageRuns): Promise<number | undefined> {
    const { log } = this.ctx;
    const { session } = task.task;
    if (!session) return undefined;
    let twin: Twin;
    try {
      twin = await session.copy();
    } catch (error) {
      const why = asCriuError(error, 'it cannot be copied', { pid: task.pid }).explain();
      log.warn(`the memory of ${task.pid} is written while it stands still: ${why}`);
      return undefined;
    }
    this.twins.set(twin.pid, twin);
    // A fork does not inherit mappings with MADV_DONTFORK, and has zeros in those with MADV_WIPEONFORK.
    const missing = common(runs.pages, runs.notes.unheld ?? [], cutRange);
    if (missing.length > 0)
      log.info(
        `${totalOf(missing)} bytes of ${task.pid} are not held by a fork: copied while it stands still`,
      );
    await twin.calls(
      missing.map((range) => ({
        nr: SYS.mmap,
        args: [
          range.start,
          sizeOf(range),
          PROT_READ | PROT_WRITE,
          MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED,
          -1,
          0,
        ],
        expect: 'any' as const,
      })),
    );
    for (const range of missing)
      for (const { start, end } of pieces(range, BUFFER, cutRange))
        copy(task.pid, twin.pid, start, Number(end - start));
    return twin.pid;
  }

  /** Has a fork ended whose pages have been read: until then it counts as a process, with memory, of its owner. */
  release(pid: number): void {
    const twin = this.twins.get(pid);
    this.twins.delete(pid);
    if (twin) this.ending.push(this.endOne(twin));
  }

  /** Ends all forks. */
  async end(): Promise<void> {
    for (const pid of [...this.twins.keys()]) this.release(pid);
    await Promise.all(this.ending);
  }

  private async endOne(twin: Twin): Promise<void> {
    const { live, log } = this.ctx;
    this.tree ??= new Set(live.map(({ pid }) => pid));
    try {
      if (!(await twin.end(this.tree))) log.debug(`${twin.of} has ended before its copy`);
    } catch (error) {
      log.warn(`the copy of ${twin.of} is left: ${asCriuError(error, 'it cannot be ended').explain()}`);
    }
  }
}

/** Copies `length` bytes at `address` from the memory of one process to another. @throws CriuError */
function copy(from: number, to: number, address: bigint, length: number): void {
  const bytes = Buffer.alloc(length);
  for (const [what, result] of [
    ['process_vm_readv', addon().vmRead(from, address, bytes)],
    ['process_vm_writev', addon().vmWrite(to, address, bytes)],
  ] as const)
    if (result !== length)
      throw asCriuError(new SysError(what, result < 0 ? -result : 14), 'cannot hold its memory', {
        pid: from,
      });
}
