// The contents of a checkpoint, read and cross-checked before the first task is created.
import { type DumpOriginEntry, IMAGE_VERSIONS, ImageDirectory } from '@criu/images';
import { existsSync } from '@criu/native/fs';
import { CriuError } from '../errors.js';
import { asNsPid, type NsPid } from '../proc/pids.js';
import { CheckedImages } from './checked.js';
import type { ImageSource } from './source.js';
import type {
  CoreImage,
  FdinfoEntry,
  FileEntry,
  FsEntry,
  InventoryEntry,
  MmTable,
  Pagemap,
  PstreeEntry,
  RegFileEntry,
  Some,
  TaskCore,
  TaskKobjIdsEntry,
} from './types.js';

/** Task states of `task_core_entry.task_state`. */
export const TaskState = { ALIVE: 1, DEAD: 2, STOPPED: 3, HELPER: 4, THREAD: 5, ZOMBIE: 6 } as const;

export interface ImageThread {
  readonly tid: NsPid;
  readonly core: CoreImage;
}

export interface ImageTask {
  readonly pid: NsPid;
  readonly ppid: NsPid;
  readonly pgid: NsPid;
  readonly sid: NsPid;
  /** Core of the thread group leader; of a dead task only `tc` is meaningful. */
  readonly core: TaskCore;
  readonly threads: readonly ImageThread[];
  readonly dead: boolean;
  readonly ids: TaskKobjIdsEntry | undefined;
  readonly mm: MmTable | undefined;
  readonly pagemap: Pagemap | undefined;
  readonly fds: readonly FdinfoEntry[];
  readonly fs: FsEntry | undefined;
  readonly children: ImageTask[];
}

/** A task that runs after the restore; it has entries that a dead task lacks. */
export interface AliveTask extends ImageTask {
  readonly dead: false;
  /** The thread group leader first. */
  readonly threads: Some<ImageThread>;
  readonly ids: TaskKobjIdsEntry;
  readonly mm: MmTable;
}

export function isAlive(task: ImageTask): task is AliveTask {
  return !task.dead;
}

/** A checkpoint as data. */
export class Checkpoint {
  readonly images: CheckedImages;
  readonly inventory: InventoryEntry;
  readonly files: ReadonlyMap<number, FileEntry>;
  /** All tasks, parents before their children. */
  readonly tasks: readonly ImageTask[];
  readonly root: AliveTask;

  /** Reads the checkpoint in a directory. @throws CriuError */
  static of(dir: string): Checkpoint {
    const directory = new ImageDirectory(dir);
    return new Checkpoint({
      dir,
      pages: 'there',
      has: directory.listed(),
      read: (name) => directory.read(name),
    });
  }

  constructor(readonly source: ImageSource) {
    const { dir } = source;
    this.images = new CheckedImages(source);
    if (!this.images.has('INVENTORY')) {
      throw new CriuError(
        'IMAGE_MISSING',
        existsSync(dir) ? 'there is no complete checkpoint: inventory.img is missing' : 'no such directory',
        { file: dir },
        'name the directory of a finished dump with -D',
      );
    }
    this.inventory = this.images.inventory();
    if (this.inventory.pre_dump_mode !== undefined)
      throw new CriuError(
        'BAD_IMAGE',
        'these are the images of a pre-dump, which has memory and nothing else',
        { file: dir },
        'restore the dump that was made after it',
      );
    const version = this.inventory.img_version;
    if (!IMAGE_VERSIONS.includes(version))
      throw new CriuError(
        'BAD_IMAGE',
        `image version ${version} is not known`,
        { file: 'inventory.img' },
        'restore with the version that made it',
      );
    this.files = this.images.files();
    const [twice] = this.images.fileIdsTwice();
    if (twice !== undefined)
      throw new CriuError('BAD_IMAGE', `file id ${twice} is there twice`, { file: 'files.img' });
    this.tasks = this.readTree();
    const [root] = this.tasks;
    if (!root || !isAlive(root))
      throw new CriuError('BAD_IMAGE', 'the first task has ended', { file: 'pstree.img' });
    this.root = root;
  }

  /**
   * The origin of the images, if `stats-dump` has it. Nothing else needs this file, so an invalid one counts as
   * missing.
   */
  get origin(): DumpOriginEntry {
    try {
      return this.images.optional('STATS', 'dump')[0]?.entry.origin ?? {};
    } catch {
      return {};
    }
  }

  /** The file with an id. @throws CriuError BAD_IMAGE naming the referrer */
  file(id: number, referrer: string): FileEntry {
    const entry = this.files.get(id);
    if (!entry) {
      throw new CriuError('BAD_IMAGE', `${referrer} refers to file id ${id}, which files.img does not have`, {
        file: 'files.img',
      });
    }
    return entry;
  }

  /** The regular file (one with a path) with an id. @throws CriuError BAD_IMAGE naming the referrer */
  regular(id: number, referrer: string): RegFileEntry {
    const { reg } = this.file(id, referrer);
    if (!reg)
      throw new CriuError('BAD_IMAGE', `${referrer} refers to file id ${id}, which is not one with a name`, {
        file: 'files.img',
      });
    return reg;
  }

  private readTree(): ImageTask[] {
    const all = new Map<number, ImageTask>();
    for (const entry of this.images.tasks()) {
      if (all.has(entry.pid))
        throw new CriuError('BAD_IMAGE', `pid ${entry.pid} is there twice`, { file: 'pstree.img' });
      all.set(entry.pid, this.readTask(entry));
    }
    const [root, ...others] = all.values();
    if (!root) throw new CriuError('BAD_IMAGE', 'the image has no task', { file: 'pstree.img' });
    for (const task of others) {
      const parent = all.get(task.ppid);
      if (!parent || parent === task)
        throw new CriuError('BAD_IMAGE', `parent ${task.ppid} of ${task.pid} is missing`, {
          file: 'pstree.img',
        });
      parent.children.push(task);
    }
    const ordered: ImageTask[] = [];
    const visit = (task: ImageTask) => {
      ordered.push(task);
      for (const child of task.children) visit(child);
    };
    visit(root);
    if (ordered.length !== all.size)
      throw new CriuError('BAD_IMAGE', 'the tasks are not one tree', { file: 'pstree.img' });
    return ordered;
  }

  private readTask(entry: PstreeEntry): ImageTask | AliveTask {
    const { pid } = entry;
    const core = this.images.core(pid);
    if (!core.tc)
      throw new CriuError('BAD_IMAGE', 'the task part (tc) is missing', { file: `core-${pid}.img` });
    const base = {
      pid: asNsPid(pid),
      ppid: asNsPid(entry.ppid),
      pgid: asNsPid(entry.pgid),
      sid: asNsPid(entry.sid),
      children: [],
      core: { ...core, tc: core.tc },
    };
    const dead = core.tc.task_state === TaskState.DEAD || core.tc.task_state === TaskState.ZOMBIE;
    if (dead) checkEnd(core.tc.exit_code, `core-${pid}.img`);
    if (dead)
      return {
        ...base,
        dead: true,
        threads: [],
        ids: undefined,
        mm: undefined,
        pagemap: undefined,
        fds: [],
        fs: undefined,
      };
    const [first, ...others] = entry.threads.map((tid): ImageThread => {
      const c = tid === pid ? core : this.images.core(tid);
      if (!c.thread_info || !c.thread_core) {
        throw new CriuError('BAD_IMAGE', 'thread_info and thread_core are needed (x86_64 only)', {
          file: `core-${tid}.img`,
        });
      }
      return { tid: asNsPid(tid), core: { ...c, thread_info: c.thread_info, thread_core: c.thread_core } };
    });
    if (first?.tid !== pid)
      throw new CriuError('BAD_IMAGE', `the first thread of ${pid} is not its leader`, {
        file: 'pstree.img',
      });
    const ids = core.ids ?? this.images.single('IDS', pid);
    const mm = this.images.mmTable(pid);
    if (!mm)
      throw new CriuError(
        'IMAGE_MISSING',
        'the image is missing',
        { file: `mm-${pid}.img` },
        'the checkpoint is not complete',
      );
    return {
      ...base,
      dead: false,
      threads: [first, ...others],
      ids,
      mm,
      pagemap: this.images.pagemap(pid),
      fds: this.readFds(ids.files_id),
      fs: this.images.fs(pid),
    };
  }

  private readFds(filesId: number): FdinfoEntry[] {
    const entries = this.images.optional('FDINFO', filesId).map((i) => i.entry);
    const seen = new Set<number>();
    for (const { fd } of entries) {
      if (seen.has(fd))
        throw new CriuError('BAD_IMAGE', `fd ${fd} is there twice`, {
          file: `fdinfo-${filesId}.img`,
        });
      seen.add(fd);
    }
    return entries;
  }
}

/**
 * Signals that never end a task: by default SIGCHLD, SIGCONT, SIGURG and SIGWINCH are ignored, and SIGSTOP, SIGTSTP,
 * SIGTTIN and SIGTTOU stop it.
 */
const NO_ENDS: ReadonlySet<number> = new Set([17, 18, 19, 20, 21, 22, 23, 28]);
const NSIG = 64;

/** Checks that the wait status of a dead task is one that a task can have. @throws CriuError BAD_IMAGE */
function checkEnd(status: number, file: string): void {
  const signal = status & 0x7f;
  if (signal > NSIG || NO_ENDS.has(signal))
    throw new CriuError('BAD_IMAGE', `it is said to have ended by signal ${signal}, of which no task ends`, {
      file,
      entry: 'entry 0, tc.exit_code',
    });
}
