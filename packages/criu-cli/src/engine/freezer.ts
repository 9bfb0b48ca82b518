// `--freeze-cgroup`: a whole cgroup is frozen while its tasks are made to stop, so that they all stand still at the same
// moment, and nobody can make tasks faster than they are found. Freezers of cgroup v1 (freezer.state) and v2
// (cgroup.freeze), see Documentation/admin-guide/cgroup-v1/freezer-subsystem.rst and cgroup-v2.rst of the kernel.
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Mark, Program, type Tracer } from '@criu/compel';
import { existsSync, readFileSync, readFoldersSync, writeFileSync } from '@criu/native/fs';
import { asCriuError, CriuError } from '../errors.js';
import { ancestry } from '../proc/index.js';

const AT_FDCWD = -100;
const O_WRONLY = 1;
const LONGEST_PAUSE_MS = 20;
/** cgroup v1 may miss a task that was about to sleep: asking again helps. */
const ASK_AGAIN_MS = 100;

interface Kind {
  readonly file: string;
  readonly frozen: string;
  readonly thawed: string;
  /** Whether all of its tasks stand still. */
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

/** All processes of a group and of those below it. */
function membersOf(dir: string): number[] {
  const own = read(dir, 'cgroup.procs').split('\n').filter(Boolean).map(Number);
  // Others may remove groups meanwhile.
  const below = readFoldersSync(dir).flatMap((name) => {
    const folder = join(dir, name);
    return existsSync(folder) ? membersOf(folder) : [];
  });
  return [...own, ...below];
}

export class Freezer {
  /** The group was frozen before, and is to be so again. */
  readonly wasFrozen: boolean;
  private kept: number | undefined;
  /** It may be in another state than it was found in. */
  private touched = false;

  private constructor(
    readonly dir: string,
    private readonly kind: Kind,
    private readonly tracer: Tracer,
  ) {
    this.wasFrozen = read(dir, kind.file) !== kind.thawed;
  }

  /** Looks at a group; nothing is changed. @throws CriuError BAD_OPTION */
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
   * Has all tasks of the group stop, and thaws it as soon as each will do so before it runs on. Gives the processes.
   * @throws CriuError TIMEOUT if they do not freeze
   */
  async stopAll(timeoutMs: number): Promise<number[]> {
    this.touched = true;
    // Should we be killed, the tracer does this: in frozen tasks it could put nothing back.
    const p = new Program('freezer');
    const path = join(this.dir, this.kind.file);
    const state = p.data(Buffer.from(this.wasFrozen ? this.kind.frozen : this.kind.thawed));
    const gone = new Mark();
    const fd = p.syscall('openat', [AT_FDCWD, p.cstring(path), O_WRONLY], { orGoTo: gone });
    p.syscall('write', [fd, state, state.size], { expect: 'any' });
    p.syscall('close', [fd], { expect: 'any' });
    p.here(gone);
    this.kept = this.wasFrozen ? this.tracer.keepLast(p) : this.tracer.keepFirst(p);
    await this.freeze(timeoutMs);
    // Whoever waits for our answers must not be held.
    const above = new Set(ancestry(process.pid));
    const members = membersOf(this.dir).filter((pid) => !above.has(pid));
    await this.tracer.announceStop(members);
    this.write(this.kind.thawed);
    return members;
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

  /** Gives the group the state in which it was found: before tasks are let go that are to run on. */
  async restore(): Promise<void> {
    if (!this.touched) return;
    this.touched = false;
    // No code can run in them any more.
    if (this.wasFrozen) await this.tracer.cureAll();
    this.write(this.wasFrozen ? this.kind.frozen : this.kind.thawed);
    this.forget();
  }

  /** It stays thawed: its tasks are ended. */
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
