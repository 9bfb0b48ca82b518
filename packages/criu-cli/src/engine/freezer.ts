// `--freeze-cgroup`: the whole cgroup is frozen while its tasks are stopped, so that all of them stop at the same
// moment and cannot fork faster than they are found. Supports freezer.state of cgroup v1 and cgroup.freeze of v2, see
// the kernel's Documentation/admin-guide/cgroup-v1/freezer-subsystem.rst and cgroup-v2.rst.
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Mark, Program, type Tracer, vforkWait } from '@criu/compel';
import { existsSync, readFileSync, readFoldersSync, writeFileSync } from '@criu/native/fs';
import { AT_FDCWD, O_WRONLY } from '@criu/native/uapi';
import { asCriuError, CriuError } from '../errors.js';
import { ancestry, ProcError, readTids } from '../proc/index.js';

const LONGEST_PAUSE_MS = 20;
/**
 * Milliseconds for which the group is thawed again and again because of vfork(2): a thread that waits for its child
 * cannot be stopped, and usually waits for less than one. A shell does so for each program that it starts.
 */
const VFORK_MS = 1000;
/** Number of threads to look at: each takes 10 µs, and a thread that is not looked at may still be refused later. */
const MOST_THREADS = 256;
/** Milliseconds. The v1 freezer may miss a task that was about to sleep; writing FROZEN again makes it retry. */
const ASK_AGAIN_MS = 100;

interface Kind {
  readonly file: string;
  readonly frozen: string;
  readonly thawed: string;
  /** Whether all tasks of the group are frozen. */
  stands(dir: string): boolean;
}

function read(dir: string, file: string): string {
  return readFileSync(join(dir, file), 'utf8').trim();
}

const V1: Kind = {
  file: 'freezer.state',
  frozen: 'FROZEN',
  thawed: 'THAWED',
  stands: (dir) => read(dir, 'freezer.state') === 'FROZEN',
};
const V2: Kind = {
  file: 'cgroup.freeze',
  frozen: '1',
  thawed: '0',
  stands: (dir) => /^frozen 1$/m.test(read(dir, 'cgroup.events')),
};

/** Pids of all processes in a cgroup and in the cgroups below it. */
function membersOf(dir: string): number[] {
  const own = read(dir, 'cgroup.procs').split('\n').filter(Boolean).map(Number);
  // A child cgroup may be removed meanwhile.
  const below = readFoldersSync(dir).flatMap((name) => {
    const folder = join(dir, name);
    return existsSync(folder) ? membersOf(folder) : [];
  });
  return [...own, ...below];
}

/** A thread counts as frozen shortly before it sleeps in vfork(2): one that is not asleep yet is taken for such one. */
function anyInVfork(pids: readonly number[]): boolean {
  let left = MOST_THREADS;
  for (const pid of pids) {
    try {
      const tids = readTids(pid).slice(0, left);
      left -= tids.length;
      if (tids.some((tid) => vforkWait(pid, tid) ?? true)) return true;
    } catch (error) {
      // A zombie may be reaped by somebody outside of the group.
      if (!(error instanceof ProcError)) throw error;
    }
    if (left === 0) break;
  }
  return false;
}

export class Freezer {
  /** The group was already frozen when it was opened, and has to be frozen again afterwards. */
  readonly wasFrozen: boolean;
  private kept: number | undefined;
  /** The state of the group may differ from the one it was opened in. */
  private touched = false;

  private constructor(
    readonly dir: string,
    private readonly kind: Kind,
    private readonly tracer: Tracer,
  ) {
    this.wasFrozen = read(dir, kind.file) !== kind.thawed;
  }

  /** Opens a cgroup directory without changing anything. @throws CriuError BAD_OPTION */
  static open(dir: string, tracer: Tracer): Freezer {
    const kind = [V1, V2].find(({ file }) => existsSync(join(dir, file)));
    if (!kind)
      throw new CriuError(
        'BAD_OPTION',
        'the group of --freeze-cgroup has neither freezer.state nor cgroup.freeze',
        { file: dir },
        'name the directory of a group other than the root: of the freezer hierarchy (cgroup v1), or of cgroup v2',
      );
    const members = new Set(membersOf(dir));
    if (members.has(process.pid) || members.has(tracer.pid))
      throw new CriuError(
        'BAD_OPTION',
        'the group of --freeze-cgroup has the dumping process in it, which would freeze with it',
        { pid: process.pid, file: dir },
        'run the dump from outside of that group',
      );
    return new Freezer(dir, kind, tracer);
  }

  /**
   * Freezes the group, requests a stop of all its tasks, and thaws it: each task then stops before it executes
   * anything.
   * @returns pids of the processes in the group
   * @throws CriuError TIMEOUT if they do not freeze
   */
  async stopAll(timeoutMs: number): Promise<number[]> {
    this.touched = true;
    // If this process is killed, the tracer runs this program. It could not repair frozen tasks, so a group that was
    // not frozen is thawed first.
    const p = new Program('freezer');
    const path = join(this.dir, this.kind.file);
    const state = p.data(Buffer.from(this.wasFrozen ? this.kind.frozen : this.kind.thawed));
    const gone = new Mark();
    const fd = p.syscall('openat', [AT_FDCWD, p.cstring(path), O_WRONLY], { orGoTo: gone });
    p.syscall('write', [fd, state, state.size], { expect: 'any' });
    p.syscall('close', [fd], { expect: 'any' });
    p.here(gone);
    this.kept = this.wasFrozen ? this.tracer.keepLast(p) : this.tracer.keepFirst(p);
    const members = await this.freezeOutsideOfVfork(timeoutMs);
    await this.tracer.announceStop(members);
    this.write(this.kind.thawed);
    return members;
  }

  /** Freezes the group at a moment in which no thread waits in vfork(2), if there is one. @returns pids to stop */
  private async freezeOutsideOfVfork(timeoutMs: number): Promise<number[]> {
    // An ancestor of this process may be waiting for our output: it must not be stopped.
    const above = new Set(ancestry(process.pid));
    const end = Date.now() + Math.min(VFORK_MS, timeoutMs);
    for (let pause = 1; ; pause = Math.min(pause * 2, LONGEST_PAUSE_MS)) {
      await this.freeze(timeoutMs);
      const members = membersOf(this.dir).filter((pid) => !above.has(pid));
      // Whoever has frozen the group before does not want its tasks to run.
      if (this.wasFrozen || Date.now() > end || !anyInVfork(members)) return members;
      this.write(this.kind.thawed);
      await sleep(pause);
    }
  }

  private async freeze(timeoutMs: number): Promise<void> {
    const { dir, kind } = this;
    const start = Date.now();
    this.write(kind.frozen);
    for (let pause = 1, asked = start; !kind.stands(dir); pause = Math.min(pause * 2, LONGEST_PAUSE_MS)) {
      const now = Date.now();
      if (now - start > timeoutMs)
        throw new CriuError(
          'TIMEOUT',
          `the cgroup did not freeze within ${timeoutMs / 1000} s`,
          { file: dir },
          'a task in state D, or one that a debugger has stopped, holds it up; allow more time with --timeout',
        );
      if (kind === V1 && now - asked > ASK_AGAIN_MS) {
        asked = now;
        this.write(kind.frozen);
      }
      await sleep(pause);
    }
  }

  /** Gives the group its former state back; called before tasks that run on are released. */
  async restore(): Promise<void> {
    if (!this.touched) return;
    this.touched = false;
    // Agents have to be removed first: no code runs in a frozen task.
    if (this.wasFrozen) await this.tracer.cureAll();
    this.write(this.wasFrozen ? this.kind.frozen : this.kind.thawed);
    this.forget();
  }

  /** Leaves the group thawed, as its tasks are killed. */
  forget(): void {
    this.touched = false;
    if (this.kept !== undefined) this.tracer.dropKept(this.kept);
    this.kept = undefined;
  }

  private write(state: string): void {
    try {
      writeFileSync(join(this.dir, this.kind.file), state, { flag: 'r+' });
    } catch (error) {
      throw asCriuError(error, `cannot write ${state} to ${this.kind.file}`, { file: this.dir });
    }
  }
}
