// Opens and fills files without a name, in the mount namespace of the tasks. When the tasks run, removes the links that
// a dump has made for some files.
import { Agent, Program } from '@criu/compel';
import { type BigIntStats, closeSync, constants, lstatSync, openSync, unlinkSync } from '@criu/native/fs';
import { O_PATH, PR_SET_SECUREBITS, SECBIT_NO_SETUID_FIXUP } from '@criu/native/uapi';
import type { Slot } from '../../../engine/plan.js';
import { CriuError } from '../../../errors.js';
import type { RegFileEntry } from '../../../images/types.js';
import { type CheckOptions, checkFile } from './file-check.js';
import { fillGhost } from './ghost-fill.js';
import type { GhostImage } from './ghost-image.js';
import type { Hold, Nameless } from './moment.js';
import { type FileView, openNameless } from './places.js';
import type { Remap } from './remaps.js';
import { imagePath } from './restore.js';

/** One inode, and the descriptors of it that tasks need. */
export interface Wanted {
  readonly remap: Remap;
  readonly file: Nameless;
  readonly image: GhostImage | undefined;
  /** Owner as this process sees user ids. */
  readonly owner?: { readonly uid: number; readonly gid: number };
  /** An entry of the file, with the expected properties. */
  readonly reg: RegFileEntry;
  readonly slots: Map<string, { slot: Slot; hold: Hold }>;
  /** The descriptor for writing contents: tasks may have the file on a read-only mount. */
  readonly fill: Hold;
  /** The file at the name that the dump has made. */
  found?: BigIntStats;
}

/** Changes the root of an agent to a folder of the tasks; undefined leaves the caller's root. */
async function enter(agent: Agent, folder: number | undefined): Promise<void> {
  if (folder === undefined) return;
  const p = new Program('a file system of the tasks');
  const fd = p.fd(folder);
  p.syscall('fchdir', [fd], { label: 'go there' });
  p.syscall('chroot', [p.cstring('.')], { label: 'nothing else is in reach' });
  p.syscall('close', [fd]);
  await agent.run(p);
}

/**
 * Sets the file system ids of an agent. A file system in a user namespace refuses files of users that this namespace
 * does not map.
 */
function makesFilesAs({ uid, gid }: { readonly uid: number; readonly gid: number }): Program {
  const p = new Program('who makes files');
  p.syscall('prctl', [PR_SET_SECUREBITS, SECBIT_NO_SETUID_FIXUP, 0, 0, 0], { label: 'secure bits' });
  p.syscall('setfsgid', [gid], { expect: 'any' });
  p.syscall('setfsuid', [uid], { expect: 'any' });
  return p;
}

function letGo(hold: Hold): void {
  if (hold.fd !== undefined) closeSync(hold.fd);
  delete hold.fd;
}

/** Opens the files of one file system, or of the caller's namespace. */
export class Opener {
  /** The root of the files; undefined for the caller's root. */
  private rootFd: number | undefined;

  constructor(
    private readonly wanted: ReadonlyMap<string, Wanted>,
    private readonly options: CheckOptions,
    /** Ids with which files are created; undefined for those of this process. */
    private readonly maker: { readonly uid: number; readonly gid: number } | undefined,
  ) {}

  private get all(): Wanted[] {
    return [...this.wanted.values()];
  }

  private get root(): string {
    return this.rootFd === undefined ? '' : `/proc/self/fd/${this.rootFd}`;
  }

  /** Opens all files. @param folder descriptor of their root, if it is not the caller's @throws CriuError */
  async open(folder?: number): Promise<void> {
    if (folder !== undefined)
      this.rootFd = openSync(`/proc/self/fd/${folder}`, O_PATH | constants.O_DIRECTORY);
    const agent = Agent.start({ name: 'opener of deleted files' });
    try {
      await enter(agent, this.rootFd);
      if (this.maker) await agent.run(makesFilesAs(this.maker));
      for (const one of this.all) this.findLink(one);
      const view: FileView = { agent, root: this.root };
      await openNameless(
        view,
        this.all.map(({ file }) => file),
      );
    } finally {
      await agent.exit();
    }
    for (const one of this.all) await this.finish(one);
  }

  /** Looks up the file at the name that the dump has made. @throws CriuError FILE_CHANGED */
  private findLink(one: Wanted): void {
    if (one.remap.kind !== 'linked') return;
    const { path } = one.remap;
    const found = lstatSync(this.root + path, { bigint: true, throwIfNoEntry: false });
    if (!found)
      throw new CriuError(
        'FILE_CHANGED',
        'the link that the dump made for a deleted file is not there any more',
        { file: path },
        `a restore of this checkpoint has removed it when its tasks ran again; link the file of ${one.reg.name} there if it still has a name`,
      );
    one.found = found;
  }

  /** Fills a file or compares it, and puts its descriptors into the slots. */
  private async finish({ image, owner, file, reg, remap, slots, fill }: Wanted): Promise<void> {
    const fd = fill.fd ?? file.names.flatMap(({ holds }) => holds).find((hold) => hold.fd !== undefined)?.fd;
    if (fd === undefined)
      throw new CriuError('INTERNAL', 'a deleted file was not opened', { file: reg.name });
    if (image && owner) await fillGhost(image, owner, fd, imagePath(reg.name));
    else if (remap.kind === 'linked') checkFile(reg, remap.path, fd, this.options);
    for (const { slot, hold } of slots.values()) {
      if (hold.fd === undefined) continue;
      slot.fill(hold.fd);
      delete hold.fd;
    }
    letGo(fill);
  }

  /** Closes the descriptors that tasks have taken, or that a failure has left. */
  close(): void {
    for (const { slots, fill } of this.all) {
      for (const { slot, hold } of slots.values()) {
        slot.drop();
        letGo(hold);
      }
      letGo(fill);
    }
  }

  /** Removes the links when the tasks run. A file with such a name that is another one by now stays. */
  removeLinks(): void {
    for (const { remap, found } of this.all) {
      if (remap.kind !== 'linked' || !found) continue;
      const path = this.root + remap.path;
      const now = lstatSync(path, { bigint: true, throwIfNoEntry: false });
      if (now && now.ino === found.ino && now.dev === found.dev) unlinkSync(path);
    }
    this.leave();
  }

  /** Closes the root. */
  leave(): void {
    if (this.rootFd !== undefined) closeSync(this.rootFd);
    this.rootFd = undefined;
  }
}
