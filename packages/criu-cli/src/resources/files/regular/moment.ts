// Names for a moment: a file without a name comes back by being made, opened and unlinked in one program of an agent.
// The agent is a process of its own, in a session of its own: it goes through with its program even if ours is killed in
// the middle of it, so that no name is left behind.
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

/** Of O_TMPFILE, the bit that is not O_DIRECTORY. */
export const TMPFILE = 0o20000000;

/** A mount that files are opened through; they are made elsewhere on its file system. */
export interface Through {
  /** Descriptor of the mount's root. */
  readonly mount: () => number;
  /** Place of a file below the root of that mount, by where it is made; undefined where it is not below. */
  readonly below: (place: string) => string | undefined;
}

/** A descriptor that is wanted of a file. */
export interface Hold {
  /** O_* that it is opened with by its name; undefined: any, as it is only to be opened again (/proc/self/fd). */
  readonly flags?: number;
  /** It is to be on a mount of its own: what there is the name of, and how to get to a name beside it. */
  readonly through?: Through;
  /** Filled in. */
  fd?: number;
}

export interface Name {
  /** As it was. */
  readonly path: string;
  /** Where it can be made now. */
  place: string;
  readonly holds: Hold[];
}

/** A file, the names that it had, and what is wanted by each of them. */
export interface Nameless {
  readonly what:
    | { readonly kind: 'make'; readonly mode: number; readonly rdev?: number; readonly target?: string }
    /** It has another name, which stays. */
    | { readonly kind: 'link'; readonly from: string };
  readonly names: Name[];
  /** Its file system has no files that are born without a name (O_TMPFILE). */
  plain?: boolean;
}

/** A step that did not give what it should have; nothing that was made is left. */
export class MomentError extends Error {
  readonly code: string;
  constructor(
    readonly errno: number,
    readonly path: string,
    readonly file: Nameless | undefined,
    /** It was to be born without a name. */
    readonly unborn: boolean,
    what: string,
  ) {
    super(`${what} ${path}: ${errnoName(errno)}`);
    this.name = 'MomentError';
    this.code = errnoName(errno);
  }
}

/** A step, what to say when it fails, and where to go on then. */
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

/** Flags for a descriptor that only leads to the file. Files and folders are open in earnest: NFS would forget them. */
function holdFlags({ what }: Nameless): number {
  const type = what.kind === 'make' ? what.mode & S_IFMT : undefined;
  return (type === S_IFREG || type === S_IFDIR ? O_RDONLY | O_NONBLOCK : O_PATH) | O_NOFOLLOW | O_CLOEXEC;
}

/** Builds one program; a step that fails leads to the steps that undo what was done so far. */
class MomentProgram {
  readonly program = new Program('files without names');
  private readonly checked: Checked[] = [];
  private readonly sent: { readonly hold: Hold; readonly fd: StepRef }[] = [];
  /** Steps that lead to a place which is not reached yet. */
  private readonly waiting = new Map<symbol, { index: number; options: { skip?: number } }[]>();

  path(name: string) {
    return this.program.cstring(name);
  }

  /** Folder and path by which a hold gets to a place: through its mount, if it has one. */
  from({ through }: Hold, place: string): [Operand, Operand] {
    const below = through?.below(place);
    if (!through || below === undefined) return [AT_FDCWD, this.path(place)];
    return [this.program.fd(through.mount()), this.path(below || '.')];
  }

  /** A step without which there is no going on. */
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

  /** Where steps that failed go on. */
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

  /** Closes what was sent and has arrived. */
  closing(result: ProgramResult): Program {
    const p = new Program('close what has arrived');
    for (const fd of new Set(this.sent.map((one) => result.value(one.fd)))) p.syscall('close', [fd]);
    return p;
  }

  /** @throws MomentError for the first step that failed */
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
  const flags = hold.flags === undefined ? holdFlags(file) : (hold.flags & ~TMPFILE) | O_CLOEXEC;
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
  // Nobody else is to open it before it is what it was.
  else m.step(about, fail, 'mknodat', [AT_FDCWD, m.path(path), (what.mode & S_IFMT) | 0o600, what.rdev ?? 0]);
}

/** A file that was born without a name and can be linked as long as it has had none: linkat(2) tells them apart. */
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

/** What one program makes: folders, those above first, and files in them and elsewhere. */
export interface Moment {
  /** One with a file is wanted itself; the others are only to be there for what is in them. */
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

/** Fills in the holds of some files. @throws MomentError; nothing is left then */
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
