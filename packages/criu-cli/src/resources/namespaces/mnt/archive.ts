// Content of file systems in memory: a compressed archive that the system's tar(1) writes and reads, as in CRIU's images; one with a few
// plain files is made and read here.
import { asCriuError, CriuError } from '../../../errors.js';
import { type Beholder, runInside } from '../user/command.js';
import { type ShellResult, Shells } from './shells.js';
import { createSmall, extractSmall } from './small-archive.js';

/** What tar said at the end, for messages. */
const MOST_SAID = 2000;
/** Status of a shell that has not found a program. */
const NOT_FOUND = 127;

/** Extended attributes and access control lists, which CRIU's archives do not have; labels are what a policy says. */
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

/** An archive and the mount that it is of. */
export interface Archive {
  /** Descriptor of the image. */
  readonly image: number;
  /** Descriptor of the root of the mount. */
  readonly folder: number;
  /** For messages: the mount. */
  readonly what: string;
  /** For messages: name of the image. */
  readonly file: string;
  /** The file system says nothing of holes (lseek(2)): zeros are taken for such. */
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

/** Runs tar for several archives: shells that are there already start it much faster than this process can. */
export class Archivist {
  /** How many archives are to be in work at a time. */
  static readonly atOnce = 4;
  private readonly shells: Shells;

  /**
   * @param beholder whose eyes it sees files with: those of a user namespace, where it is not our own
   * @param signal calls the work off
   */
  constructor(
    private readonly beholder: Beholder | undefined,
    signal: AbortSignal | undefined,
  ) {
    this.shells = new Shells(Archivist.atOnce, signal);
  }

  /** Puts the files of an archive into a mount. @throws CriuError */
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

  /** Writes the files of a mount, and of none that lies on it, to an archive. @throws CriuError */
  async create(archive: Archive): Promise<void> {
    const { image, folder, raw } = archive;
    const create = raw ? [...CREATE, '--hole-detection=raw'] : CREATE;
    if (this.beholder) {
      await this.inside(archive, [...create, '--file', '-'], ['.'], { output: image });
      return;
    }
    if (!raw && attempt(archive, () => createSmall(folder, image))) return;
    const { shells } = this;
    const command = `tar ${create.join(' ')} --file - --directory ${shells.path(folder)} . 2>&1 >${shells.path(image)}`;
    check(await shells.run(command), archive);
  }

  /** Lets the shells go. */
  end(): void {
    this.shells.end();
  }

  /** Who is in another user namespace has no way to our descriptors but to inherit them. */
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
