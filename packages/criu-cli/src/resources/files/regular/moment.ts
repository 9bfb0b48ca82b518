// Temporary names: a file without a name is restored by creating, opening and unlinking it in one program of an agent.
// The agent is a process in a session of its own: it completes the program even if this process is killed meanwhile, so
// that no name is left behind.
import { dirname } from 'node:path';
import { type Agent, type Operand, Program, type ProgramResult, type StepRef } from '@criu/compel';
import { close, errnoName } from '@criu/native';
import {
  AT_EMPTY_PATH,
  AT_FDCWD,
  AT_REMOVEDIR,
  O_CLOEXEC,
  O_CREAT,
  O_EXCL,
  O_NOFOLLOW,
  O_NONBLOCK,
  O_PATH,
  O_RDONLY,
  O_TMPFILE,
  S_IFDIR,
  S_IFLNK,
  S_IFMT,
  S_IFREG,
} from '@criu/native/uapi';

/** The bit of O_TMPFILE that is not O_DIRECTORY. */
export const TMPFILE = 0o20000000;

/** A mount through which files are opened that are created elsewhere in its file system. */
export interface Through {
  /** Descriptor of the mount's root. */
  readonly mount: () => number;
  /** Path of a file below the root of the mount, given the place where it is created; undefined if it is not below. */
  readonly below: (place: string) => string | undefined;
}

/** A requested descriptor of a file. */
export interface Hold {
  /** O_* flags for opening it by name; undefined if any will do, as it is only opened again through /proc/self/fd. */
  readonly flags?: number;
  /** Open it through a mount of its own: the mount, and the path there. */
  readonly through?: Through;
  /** The resulting descriptor. */
  fd?: number;
}

export interface Name {
  /** The path at the dump. */
  readonly path: string;
  /** A path where it can be created now. */
  place: string;
  readonly holds: Hold[];
}

/** A file, its names, and the descriptors that are requested of each name. */
export interface Nameless {
  readonly what:
    | { readonly kind: 'make'; readonly mode: number; readonly rdev?: number; readonly target?: string }
    /** The file has another name, which stays. */
    | { readonly kind: 'link'; readonly from: string };
  readonly names: Name[];
  /** Its file system does not support O_TMPFILE. */
  plain?: boolean;
}

/** A step has failed; nothing that was created is left. */
export class MomentError extends Error {
  readonly code: string;
  constructor(
    readonly errno: number,
    readonly path: string,
    readonly file: Nameless | undefined,
    /** The file was to be created with O_TMPFILE. */
    readonly unborn: boolean,
    what: string,
  ) {
    super(`${what} ${path}: ${errnoName(errno)}`);
    this.name = 'MomentError';
    this.code = errnoName(errno);
  }
}

/** A step, with the message for its failure and the place to continue then. */
interface Checked {
  readonly step: StepRef;
  readonly path: string;
  readonly what: string;
  readonly file: Nameless | undefined;
  readonly unborn?: boolean;
}

export function isFolder({ what }: Nameless): boolean {
  return what.kind === 'make' && (what.mode & S_IFMT) === S_IFDIR;
}

/**
 * Flags for a descriptor that only has to refer to the file. Files and folders are really opened, since NFS forgets
 * deleted ones otherwise.
 */
function holdFlags({ what }: Nameless): number {
  const type = what.kind === 'make' ? what.mode & S_IFMT : undefined;
  return (type === S_IFREG || type === S_IFDIR ? O_RDONLY | O_NONBLOCK : O_PATH) | O_NOFOLLOW | O_CLOEXEC;
}

/** Builds a program in which a failed step leads to the steps that undo what was done so far. */
class MomentProgram {
  readonly program = new Program('files without names');
  private readonly checked: Checked[] = [];
  private readonly sent: { readonly hold: Hold; readonly fd: StepRef }[] = [];
  /** Steps that jump to a place which has not been added yet. */
  private readonly waiting = new Map<symbol, { index: number; options: { skip?: number } }[]>();

  path(name: string) {
    return this.program.cstring(name);
  }

  /** Directory descriptor and path for a hold: through its mount, if it has one. */
  from({ through }: Hold, place: string): [Operand, Operand] {
    const below = through?.below(place);
    if (!through || below === undefined) return [AT_FDCWD, this.path(place)];
    return [this.program.fd(through.mount()), this.path(below || '.')];
  }

  /** A step that must succeed. */
  step(
    about: Omit<Checked, 'step'>,
    fail: symbol,
    call: Parameters<Program['syscall']>[0],
    args: readonly Operand[],
  ): StepRef {
    const options: { skip?: number; label: string } = { label: `${about.what} ${about.path}` };
    const others = this.waiting.get(fail) ?? [];
    this.waiting.set(fail, others);
    others.push({ index: this.program.length, options });
    const step = this.program.syscall(call, args, options);
    this.checked.push({ ...about, step });
    return step;
  }

  /** Sets the place where failed steps continue. */
  here(place: symbol): void {
    for (const { index, options } of this.waiting.get(place) ?? [])
      options.skip = this.program.length - index;
    this.waiting.delete(place);
  }

  undo(path: string, flags: number): void {
    const step = this.program.syscall('unlinkat', [AT_FDCWD, this.path(path), flags], {
      expect: 'any',
      label: `delete ${path} again`,
    });
    this.checked.push({ step, path, what: 'cannot delete', file: undefined });
  }

  hold(hold: Hold, fd: StepRef): void {
    this.program.sendFd(fd);
    this.sent.push({ hold, fd });
  }

  /** A program that closes the descriptors which were sent. */
  closing(result: ProgramResult): Program {
    const p = new Program('close what has arrived');
    for (const fd of new Set(this.sent.map((one) => result.value(one.fd)))) p.syscall('close', [fd]);
    return p;
  }

  /** @throws MomentError for the first failed step */
  take(result: ProgramResult): void {
    for (const { step, path, what, file, unborn = false } of this.checked) {
      const value = result.value(step);
      if (value < 0) throw new MomentError(-value, path, file, unborn, what);
    }
    for (const [i, { hold }] of this.sent.entries()) {
      const fd = result.fds[i];
      if (fd !== undefined) hold.fd = fd;
    }
  }
}

function open(m: MomentProgram, file: Nameless, path: string, hold: Hold, fail: symbol): StepRef {
  // O_TMPFILE includes O_DIRECTORY, with which a file is not opened by its name.
  const nameless = hold.flags !== undefined && hold.flags & TMPFILE ? O_TMPFILE : 0;
  const flags = hold.flags === undefined ? holdFlags(file) : (hold.flags & ~nameless) | O_CLOEXEC;
  const about = { path, file, what: 'cannot open' };
  const fd = m.step(about, fail, 'openat', [...m.from(hold, path), flags]);
  m.hold(hold, fd);
  return fd;
}

function makeFile(m: MomentProgram, file: Nameless, path: string, fail: symbol): void {
  const { what } = file;
  if (what.kind === 'link') {
    const about = { path, file, what: `cannot link ${what.from} as` };
    m.step(about, fail, 'linkat', [AT_FDCWD, m.path(what.from), AT_FDCWD, m.path(path), 0]);
    return;
  }
  const about = { path, file, what: 'cannot make' };
  if ((what.mode & S_IFMT) === S_IFLNK)
    m.step(about, fail, 'symlinkat', [m.path(what.target ?? ''), AT_FDCWD, m.path(path)]);
  // Other users must not open it before it has its final mode.
  else m.step(about, fail, 'mknodat', [AT_FDCWD, m.path(path), (what.mode & S_IFMT) | 0o600, what.rdev ?? 0]);
}

/** A file created with O_TMPFILE, which can be linked as long as it never had a name. */
function bornNameless(file: Nameless): { place: string; hold: Hold } | undefined {
  if (file.plain || file.what.kind === 'link') return undefined;
  for (const { place, holds } of file.names) {
    const hold = holds.find(({ flags }) => flags !== undefined && flags & TMPFILE);
    if (hold) return { place, hold };
  }
  return undefined;
}

function addFile(m: MomentProgram, file: Nameless): void {
  const done = Symbol('done');
  const undos: { path: string; place: symbol }[] = [];
  const born = bornNameless(file);
  let first: StepRef | undefined;
  if (born) {
    const folder = dirname(born.place);
    const about = { path: folder, file, unborn: true, what: 'cannot make a file without a name in' };
    const flags = (born.hold.flags ?? 0) & ~(O_CREAT | O_EXCL);
    const from = m.from(born.hold, folder);
    first = m.step(about, done, 'openat', [...from, flags | O_TMPFILE | O_CLOEXEC, 0o600]);
    m.hold(born.hold, first);
  }
  let fail = done;
  for (const { place: path, holds } of file.names) {
    const wanted = holds.filter((hold) => hold !== born?.hold);
    if (wanted.length === 0) continue;
    if (first && path === born?.place) {
      for (const hold of wanted) m.hold(hold, first);
      continue;
    }
    const made = undos[0];
    const about = { path, file, what: 'cannot link the file as' };
    if (made) m.step(about, fail, 'linkat', [AT_FDCWD, m.path(made.path), AT_FDCWD, m.path(path), 0]);
    else if (first && born)
      m.step(about, fail, 'linkat', [first, m.path(''), ...m.from(born.hold, path), AT_EMPTY_PATH]);
    else makeFile(m, file, path, fail);
    fail = Symbol(path);
    undos.push({ path, place: fail });
    for (const hold of wanted) open(m, file, path, hold, fail);
  }
  for (const { path, place } of undos.reverse()) {
    m.here(place);
    m.undo(path, 0);
  }
  m.here(done);
}

/** What one program creates: folders, upper ones first, and files. */
export interface Moment {
  /** A folder with `file` is requested itself; others only have to exist for what is in them. */
  readonly folders: readonly { readonly path: string; readonly file?: Nameless }[];
  readonly files: readonly Nameless[];
}

function build({ folders, files }: Moment): MomentProgram {
  const m = new MomentProgram();
  const undos: { path: string; place: symbol }[] = [];
  const end = Symbol('end');
  let fail = end;
  for (const { path, file } of folders) {
    m.step({ path, file, what: 'cannot make the folder' }, fail, 'mkdirat', [AT_FDCWD, m.path(path), 0o755]);
    fail = Symbol(path);
    undos.push({ path, place: fail });
    for (const hold of file?.names[0]?.holds ?? []) if (file) open(m, file, path, hold, fail);
  }
  for (const file of files) addFile(m, file);
  for (const { path, place } of undos.reverse()) {
    m.here(place);
    m.undo(path, AT_REMOVEDIR);
  }
  m.here(end);
  return m;
}

/** Fills in the holds of files. @throws MomentError; nothing is left then */
export async function runMoment(agent: Agent, moment: Moment): Promise<void> {
  const m = build(moment);
  const result = await agent.run(m.program);
  try {
    m.take(result);
  } catch (error) {
    for (const fd of result.fds) close(fd);
    throw error;
  }
  await agent.run(m.closing(result));
}
