// The open file descriptions of all dumped tasks. Each has one id, however many descriptors refer to it.
import { SysError } from '@criu/native';
import { O_PATH, S_IFBLK, S_IFCHR, S_IFMT } from '@criu/native/uapi';
import type { DumpContext } from '../../engine/dump-context.js';
import type { LiveTask } from '../../engine/dump-task.js';
import { CriuError } from '../../errors.js';
import type { FileStat } from '../../proc/index.js';
import { asHostPid } from '../../proc/pids.js';
import { stateKey } from '../../states.js';
import { pidInside } from '../../views/pids.js';
import type { FileKind } from './kind.js';
import { fileKinds, referredKinds } from './kinds.js';
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
  /** Ids of the descriptor tables whose locks on it were dumped. */
  readonly tables: Set<number>;
}

const IN_FLIGHT = ' (it is in flight in the queue of a socket)';

/** The kind of a file; undefined if no kind claims it. */
function kindOf(file: OpenFile, ctx: DumpContext): FileKind | undefined {
  const kinds = file.flags & O_PATH ? referredKinds : fileKinds;
  return kinds.find((kind) => kind.dump.matches(file, ctx));
}

class FileTable {
  /** The kinds of the files that were found. */
  readonly met = new Set<FileKind>();
  private lastId = 0;
  /** By the numbers that reading descriptors assigns to descriptions. */
  private readonly known = new Map<number, Known>();
  private readonly special = new Map<string, number>();
  /** Names of files with locks that were only met in flight. */
  private readonly heldInFlight = new Map<Known, string>();

  constructor(private readonly ctx: DumpContext) {}

  newId(): number {
    this.lastId += 1;
    return this.lastId;
  }

  /**
   * Id and type of the description of a descriptor; its entry is made on the first call.
   * @param inFlight whether the descriptor is one of ours, from the queue of a socket of the task
   */
  describe(task: LiveTask, file: OpenFile, inFlight = false): { id: number; type: number } {
    const { description } = file;
    if (description < 0) throw new SysError('kcmp', -description, `descriptor ${file.fd} of ${file.pid}`);
    let known = this.known.get(description);
    if (known) repeatsOf(this.ctx).keep(known.id);
    else known = inFlight ? this.addInFlight(task, file) : this.add(task, file);
    if (inFlight) repeatsOf(this.ctx).keep(known.id);
    this.locks(task, file, known, inFlight);
    return known;
  }

  /** Its descriptor is one of ours, which errors do not name. @throws CriuError */
  private addInFlight(task: LiveTask, file: OpenFile): Known {
    try {
      return this.add(task, file);
    } catch (error) {
      if (!(error instanceof CriuError) || error.message.includes(IN_FLIGHT)) throw error;
      const { code, message, object, remedy, cause } = error;
      const { pid: _pid, fd: _fd, ...rest } = object;
      throw new CriuError(code, `${message}${IN_FLIGHT}`, { ...rest, pid: task.pid }, remedy, cause);
    }
  }

  private add(task: LiveTask, file: OpenFile): Known {
    const kind = kindOf(file, this.ctx);
    if (!kind) throw unkept(file);
    this.met.add(kind);
    this.ctx.reached(`file:${kind.name}`);
    const id = this.newId();
    const known = { pid: file.pid, fd: file.fd, id, type: kind.type, tables: new Set<number>() };
    // Recorded before its entry is made, since it may be in flight to itself by way of other sockets.
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
   * Dumps the locks of a description. Most belong to the description, and are found at its first descriptor; those of
   * fcntl(2) belong to a descriptor table.
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

  /** @throws CriuError UNSUPPORTED for a lock that no task could acquire again */
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
   * Id of a file without descriptor (program, mapping, working directory): one for each inode.
   * @param make creates the entry on the first call for an inode
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

  /** A new id for this use of a path. */
  ownId(file: PathFile): number {
    const id = this.newId();
    dumpRegular(this.ctx, id, file);
    return id;
  }

  /** specialId for a file that is described by its path. */
  pathId(file: PathFile): number {
    return this.specialId(file.stat, (id) => dumpRegular(this.ctx, id, file));
  }
}

const table = stateKey('open files', (ctx: DumpContext) => new FileTable(ctx));

/** The open file descriptions of a dump. */
export function openFiles(ctx: DumpContext): FileTable {
  return ctx.states.get(table);
}
