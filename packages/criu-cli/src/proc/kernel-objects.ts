/** Objects that processes share, told apart by the kernel's own order of them (kcmp(2)). */
import { addon, SysError } from '@criu/native';

/** Where an object is met: at a process, or at a descriptor of it. */
export interface Met {
  readonly pid: number;
  readonly fd?: number;
}

/** At most this much less the errno is what says that two objects cannot be compared. */
const INCOMPARABLE = -1e9;

/** Objects of one type, and what is known of each: found with as many comparisons as its number has bits. */
export class KernelObjects<T> {
  private readonly known: T[] = [];
  private pids = new Int32Array(1);
  private fds = new Int32Array(1);

  /** @param type KCMP_* */
  constructor(private readonly type: number) {}

  /** What is known of an object, or the place for it. @throws SysError */
  find({ pid, fd = 0 }: Met): T | number {
    const at = addon().placeOfObject(this.type, pid, fd, this.pids, this.fds, this.known.length);
    if (at <= INCOMPARABLE)
      throw new SysError('kcmp', INCOMPARABLE - at, fd ? `descriptor ${fd} of ${pid}` : `task ${pid}`);
    return this.known[at] ?? -1 - at;
  }

  /** Puts one at the place that `find` has given. */
  insert(at: number, { pid, fd = 0 }: Met, known: T): void {
    const { length } = this.known;
    if (length === this.pids.length) {
      this.pids = grown(this.pids);
      this.fds = grown(this.fds);
    }
    this.pids.copyWithin(at + 1, at, length);
    this.fds.copyWithin(at + 1, at, length);
    this.pids[at] = pid;
    this.fds[at] = fd;
    this.known.splice(at, 0, known);
  }
}

function grown(numbers: Int32Array): Int32Array<ArrayBuffer> {
  const more = new Int32Array(numbers.length * 2);
  more.set(numbers);
  return more;
}
