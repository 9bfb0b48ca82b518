/** Identifies kernel objects that processes share, by the order that kcmp(2) gives to the objects of one type. */
import { addon, SysError } from '@criu/native';

/** Results up to this value mean that the objects cannot be compared: the value minus the errno. */
const INCOMPARABLE = -1e9;

/**
 * The objects of one type, sorted by kcmp(2), with data for each. A look-up takes as many comparisons as the number of
 * objects has bits.
 */
export class KernelObjects<T> {
  private readonly known: T[] = [];
  private pids = new Int32Array(1);

  /** @param type KCMP_* of kcmp(2) */
  constructor(private readonly type: number) {}

  /** The data of a process's object, or the index at which to insert it. @throws SysError */
  find(pid: number): T | number {
    const at = addon().placeOfObject(this.type, pid, this.pids, this.known.length);
    if (at <= INCOMPARABLE) throw new SysError('kcmp', INCOMPARABLE - at, `task ${pid}`);
    return this.known[at] ?? -1 - at;
  }

  /** Inserts an object at the index that `find` has returned. */
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
