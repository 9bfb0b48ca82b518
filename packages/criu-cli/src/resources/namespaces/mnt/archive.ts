// Contents of file systems in memory: a compressed archive written and read by tar(1), as in CRIU's images. Archives of
// a few plain files are written and read here.
import type { CancelSignal } from '../../../cancel.js';
import { asCriuError, CriuError } from '../../../errors.js';
import { type Beholder, runInside } from '../user/command.js';
import { type ShellResult, Shells } from './shells.js';
import { createSmall, extractSmall } from './small-archive.js';
import type { TreeFile } from './small-tree.js';

/** Bytes of tar's last output for messages. */
const MOST_SAID = 2000;
/** Exit status of a shell that has not found the program. */
const NOT_FOUND = 127;

/** Extended attributes and ACLs, which CRIU's archives lack. SELinux labels are left to the policy. */
const ATTRIBUTES = ['--xattrs', '--xattrs-include=*', '--xattrs-exclude=security.selinux', '--acls'];
const FORM = ['--gzip', '--no-unquote', '--no-wildcards', ...ATTRIBUTES];
const EXTRACT = ['--extract', ...FORM];
const CREATE = [
  '--create',
  ...FORM,
  '--one-file-system',
  '--check-links',
  '--preserve-permissions',
  '--sparse',
  '--numeric-owner',
];

/** An archive and its mount. */
export interface Archive {
  /** Descriptor of the image. */
  readonly image: number;
  /** Descriptor of the root of the mount. */
  readonly folder: number;
  /** The mount, for messages. */
  readonly what: string;
  /** Name of the image, for messages. */
  readonly file: string;
  /** The file system does not report holes (lseek(2)): zeros are taken for holes. */
  readonly raw?: boolean;
}

function check({ status, said }: ShellResult, { what, file }: Archive): void {
  if (status === 0) return;
  throw new CriuError(
    'SYSCALL',
    `${what}: tar ended with ${status}: ${said.trim().slice(-MOST_SAID)}`,
    { file },
    status === NOT_FOUND ? 'install GNU tar and gzip' : 'see what it says',
  );
}

/** @throws CriuError that names the mount */
function attempt({ what, file }: Archive, work: () => boolean): boolean {
  try {
    return work();
  } catch (error) {
    throw asCriuError(error, what, { file });
  }
}

/** Runs tar for several archives. Waiting shells start it much faster than this large process. */
export class Archivist {
  /** Number of archives in work at a time. */
  static readonly atOnce = 4;
  private readonly shells: Shells;

  /**
   * @param beholder the user namespace from which files are seen, if it is not our own
   * @param signal cancels the work
   */
  constructor(
    private readonly beholder: Beholder | undefined,
    signal: CancelSignal | undefined,
  ) {
    this.shells = new Shells(Archivist.atOnce, signal);
  }

  /** Extracts an archive into a mount. @throws CriuError */
  async extract(archive: Archive): Promise<void> {
    const { image, folder } = archive;
    if (this.beholder) {
      await this.inside(archive, [...EXTRACT, '--file', '-'], [], { input: image });
      return;
    }
    if (attempt(archive, () => extractSmall(image, folder))) return;
    const { shells } = this;
    const command = `tar ${EXTRACT.join(' ')} --file - --directory ${shells.path(folder)} <${shells.path(image)} 2>&1`;
    check(await shells.run(command), archive);
  }

  /**
   * Archives the files of a mount, without those of mounts on it.
   * @param tree its files, if they are few
   * @throws CriuError
   */
  async create(archive: Archive, tree: readonly TreeFile[] | undefined): Promise<void> {
    const { image, folder, raw } = archive;
    const create = raw ? [...CREATE, '--hole-detection=raw'] : CREATE;
    if (this.beholder) {
      await this.inside(archive, [...create, '--file', '-'], ['.'], { output: image });
      return;
    }
    if (!raw && tree && attempt(archive, () => createSmall(tree, image))) return;
    const { shells } = this;
    const command = `tar ${create.join(' ')} --file - --directory ${shells.path(folder)} . 2>&1 >${shells.path(image)}`;
    check(await shells.run(command), archive);
  }

  /** Ends the shells. */
  end(): void {
    this.shells.end();
  }

  /** Runs tar in another user namespace, where it can access our descriptors only by inheriting them. */
  private async inside(
    { folder, what, file }: Archive,
    args: readonly string[],
    names: readonly string[],
    streams: { readonly input?: number; readonly output?: number },
  ): Promise<void> {
    if (!this.beholder) return;
    try {
      const command = ['tar', ...args, '--directory', '/proc/self/fd/3', ...names];
      await runInside(this.beholder, command, { ...streams, more: [folder] });
    } catch (error) {
      throw asCriuError(error, what, { file });
    }
  }
}
