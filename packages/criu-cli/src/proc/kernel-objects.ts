/** Objects that processes share, each of which has one, told apart by the kernel's own order of them (kcmp(2)). */
import { addon, SysError } from '@criu/native';

/** At most this much less the errno is what says that two objects cannot be compared. */
const INCOMPARABLE = -1e9;

/** Objects of one type, and what is known of each: found with as many comparisons as its number has bits. */
export class KernelObjects<T> {
  private readonly known: T[] = [];
  private pids = new Int32Array(1);

  /** @param type KCMP_* */
  constructor(private readonly type: number) {}

  /** What is known of the object of a process, or the place for it. @throws SysError */
  find(pid: number): T | number {
    const at = addon().placeOfObject(this.type, pid, this.pids, this.known.length);
    if (at <= INCOMPARABLE) throw new SysError('kcmp', INCOMPARABLE - at, `task ${pid}`);
    return this.known[at] ?? -1 - at;
  }

  /** Puts one at the place that `find` has given. */
  insert(at: number, pid: number, known: T): void {
    const { length } = this.known;
    if (length === this.pids.length) {
      const more = new Int32Array(length * 2);
      more.set(this.pids);
      this.pids = more;
    }
    this.pids.copyWithin(at + 1, at, length);
    this.pids[at] = pid;
    this.known.splice(at, 0, known);
  }
}
