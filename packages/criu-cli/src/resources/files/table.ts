// The open file descriptions of all dumped tasks: each has one id, however many descriptors lead to it.
import { SysError } from '@criu/native';
import { S_IFBLK, S_IFCHR, S_IFMT } from '@criu/native/uapi';
import type { DumpContext, LiveTask } from '../../engine/dump-context.js';
import { CriuError } from '../../errors.js';
import type { FileStat } from '../../proc/index.js';
import { asHostPid } from '../../proc/pids.js';
import { stateKey } from '../../states.js';
import { pidInside } from '../../views/pids.js';
import { fileKinds } from './kinds.js';
import { dumpLocks } from './locks-dump.js';
import type { OpenFile } from './open-file.js';
import { dumpRegular, type PathFile } from './regular/dump.js';
import { repeatsOf } from './repeats.js';
import { unkept } from './unkept.js';

interface Known {
  readonly pid: number;
  readonly fd: number;
  readonly id: number;
  readonly type: number;
  /** Descriptor tables whose locks on it are dumped. */
  readonly tables: Set<number>;
}

class FileTable {
  private lastId = 0;
  /** By the numbers that looks give to descriptions. */
  private readonly known = new Map<number, Known>();
  private readonly special = new Map<string, number>();
  /** Names of files with locks that have been met only in flight. */
  private readonly heldInFlight = new Map<Known, string>();

  constructor(private readonly ctx: DumpContext) {}

  newId(): number {
    this.lastId += 1;
    return this.lastId;
  }

  /**
   * Id and type of the description behind a descriptor; its entry is made when it is met first.
   * @param inFlight whether the descriptor is one of ours, of a file in a queue that belongs to a socket of the task
   */
  describe(task: LiveTask, file: OpenFile, inFlight = false): { id: number; type: number } {
    const { description } = file;
    if (description < 0) throw new SysError('kcmp', -description, `descriptor ${file.fd} of ${file.pid}`);
    let known = this.known.get(description);
    if (known) repeatsOf(this.ctx).keep(known.id);
    else known = this.add(task, file);
    if (inFlight) repeatsOf(this.ctx).keep(known.id);
    this.locks(task, file, known, inFlight);
    return known;
  }

  private add(task: LiveTask, file: OpenFile): Known {
    const kind = fileKinds.find((k) => k.dump.matches(file, this.ctx));
    if (!kind) throw unkept(file);
    this.ctx.reached(`file:${kind.name}`);
    const id = this.newId();
    const known = { pid: file.pid, fd: file.fd, id, type: kind.type, tables: new Set<number>() };
    // Before its entry is made: it may be in flight to itself, by way of others.
    this.known.set(file.description, known);
    const { fown } = file;
    const owned = fown.pid
      ? { ...file, fown: { ...fown, pid: pidInside(this.ctx, asHostPid(fown.pid)) } }
      : file;
    const entry = kind.dump.dump(this.ctx, task, owned, id);
    if (entry) this.ctx.images.add('FILES', { type: kind.type, id, ...entry });
    return known;
  }

  /**
   * Locks are the description's, and are found at the first descriptor of a task that leads to it; those of fcntl(2)
   * are the table's, each of which shows its own.
   */
  private locks(task: LiveTask, file: OpenFile, known: Known, inFlight: boolean): void {
    if (inFlight) {
      if (known.tables.size === 0 && file.info.locks.length > 0) this.heldInFlight.set(known, file.link);
      return;
    }
    const { files_id: table } = task.ids;
    if (known.tables.has(table)) return;
    dumpLocks(this.ctx, task, file, known.tables.size > 0);
    known.tables.add(table);
    this.heldInFlight.delete(known);
  }

  /** @throws CriuError UNSUPPORTED for a lock that no task could take again */
  checkLocks(): void {
    for (const [, link] of this.heldInFlight)
      throw new CriuError(
        'UNSUPPORTED',
        `a file lock is held on ${link}, which is in flight in a socket's queue and open in no task`,
        { pid: this.ctx.options.pid },
        'let the program receive it before the dump',
      );
  }

  /**
   * Id for a file that is not behind a descriptor (program, mapping, working folder): one for each inode, made by
   * `make` when it is met first.
   */
  specialId(stat: FileStat, make: (id: number) => void): number {
    const key = `${stat.dev}:${stat.ino}`;
    const type = Number(stat.mode) & S_IFMT;
    const known = this.special.get(key);
    // Mapped devices may differ in how they were opened.
    if (known !== undefined && type !== S_IFCHR && type !== S_IFBLK) return known;
    const id = this.newId();
    this.special.set(key, id);
    make(id);
    return id;
  }

  /** An id for this one use of a path. */
  ownId(file: PathFile): number {
    const id = this.newId();
    dumpRegular(this.ctx, id, file);
    return id;
  }

  /** specialId for what is described by its path. */
  pathId(file: PathFile): number {
    return this.specialId(file.stat, (id) => dumpRegular(this.ctx, id, file));
  }
}

const table = stateKey('open files', (ctx: DumpContext) => new FileTable(ctx));

/** The open file descriptions of a dump. */
export function openFiles(ctx: DumpContext): FileTable {
  return ctx.states.get(table);
}
