// Stops a process tree: first the root, then children, repeatedly, until no stopped task has an unknown child.
import { ProgramError, StopError, VictimError } from '@criu/compel';
import { asCriuError, CriuError, type CriuErrorCode } from '../errors.js';
import type { DumpOptions } from '../options.js';
import { ancestry, ProcError, readChildren, readNsLinks, readStatus, readTids } from '../proc/index.js';
import { asHostPid } from '../proc/pids.js';
import type { DumpContext } from './dump-context.js';
import { LiveTask, type TreeTask, ZombieTask } from './dump-task.js';
import { Freezer } from './freezer.js';

/** Longest delay of a Node timer, in milliseconds. */
const LONGEST_MS = 0x7fffffff;
const DEFAULT_TIMEOUT_S = 10;

const STOP_CODES: Record<StopError['code'], CriuErrorCode> = {
  NO_SUCH_TASK: 'NO_SUCH_TASK',
  ZOMBIE: 'NOT_DUMPABLE',
  DEAD_LEADER: 'UNSUPPORTED',
  TRACED: 'NOT_DUMPABLE',
  KERNEL_THREAD: 'NOT_DUMPABLE',
  SELF: 'NOT_DUMPABLE',
  PERMISSION: 'NOT_PERMITTED',
  TIMEOUT: 'TIMEOUT',
  PTRACE: 'SYSCALL',
};

const DEAD_LEADER_REMEDY =
  'images have no room for that, those of CRIU neither: dump it while its main thread is there';

const REMEDIES: Partial<Record<StopError['code'], string>> = {
  NO_SUCH_TASK: 'name a running process with -t',
  ZOMBIE: 'it has ended; its parent has to wait for it',
  DEAD_LEADER: DEAD_LEADER_REMEDY,
  TRACED: 'detach the debugger from it',
  TIMEOUT: 'allow more time with --timeout',
};

interface Meaning {
  readonly code: CriuErrorCode;
  readonly remedy?: (pid: number) => string;
}

/** Other errors of injected code are faults of criu. */
const VICTIMS: Partial<Record<VictimError['code'], Meaning>> = {
  DIED: { code: 'TASK_DIED' },
  EXECED: { code: 'TASK_DIED' },
  COMPAT_32BIT: { code: 'UNSUPPORTED' },
  NO_THREAD: { code: 'UNSUPPORTED' },
  MAP_FAILED: {
    code: 'NOT_DUMPABLE',
    remedy: (pid) =>
      `allow it more address space (prlimit --pid ${pid} --as=unlimited) or, if it has many, more mappings (vm.max_map_count)`,
  },
  CODE_DENIED: {
    code: 'NOT_PERMITTED',
    remedy: () => 'permit in its security policy that memory is made executable (SELinux: process execmem)',
  },
};

/** Converts an error of compel or /proc into the error of a dump. */
export function fromCompel(error: unknown, pid: number): CriuError {
  if (error instanceof CriuError) return error;
  if (error instanceof StopError)
    return new CriuError(
      STOP_CODES[error.code],
      'cannot stop the task',
      { pid: error.pid },
      REMEDIES[error.code],
      error,
    );
  if (error instanceof VictimError) {
    const { code, remedy }: Meaning = VICTIMS[error.code] ?? { code: 'INTERNAL' };
    const advice = remedy?.(error.pid);
    return new CriuError(code, 'cannot look into the task', { pid: error.pid }, advice, error);
  }
  if (error instanceof ProcError) {
    const about = { pid: error.pid ?? pid, file: error.file };
    if (error.code === 'PROC_GONE')
      return new CriuError('TASK_DIED', 'the task has ended', about, undefined, error);
    if (error.code === 'PROC_DENIED')
      return new CriuError('NOT_PERMITTED', 'cannot read about the task', about, undefined, error);
    if (error.code === 'PROC_TOO_LONG')
      return new CriuError(
        'UNSUPPORTED',
        'a file or folder of the task has a path of more than 4095 bytes, which the kernel does not tell',
        about,
        'close it, or make the names of the folders above it shorter',
      );
    return new CriuError('SYSCALL', 'cannot read about the task', about, undefined, error);
  }
  // A first system call that crashes: SIGSYS of syscall user dispatch, which only newer kernels tell and switch off.
  if (error instanceof ProgramError && error.call === 'trap_run' && error.code === 'EFAULT')
    return new CriuError(
      'UNSUPPORTED',
      'the task cannot be made to do a system call',
      { pid },
      'if it has syscall user dispatch on (prctl(2)), as programs for other systems have: use Linux 6.4 or newer',
      error,
    );
  return asCriuError(error, 'the dump failed', { pid });
}

/**
 * Refuses tasks that can never be dumped, before anything is touched: the dumper itself, its ancestors, threads,
 * zombies, kernel threads.
 * @throws CriuError
 */
export function checkTarget(pid: number): void {
  if (!Number.isInteger(pid) || pid <= 0)
    throw new CriuError('BAD_OPTION', `${pid} is no pid`, {}, 'name a running process with -t');
  for (const up of ancestry(process.pid)) {
    if (up === pid)
      throw new CriuError(
        'NOT_DUMPABLE',
        pid === process.pid
          ? 'a process cannot dump itself'
          : 'it is an ancestor of the dumper, which would stop with it',
        { pid },
        'run the dump from outside of that process tree',
      );
  }
  let status: ReturnType<typeof readStatus>;
  try {
    status = readStatus(pid);
  } catch (error) {
    if (error instanceof ProcError && (error.code === 'PROC_GONE' || error.code === 'PROC_MISSING'))
      throw new CriuError('NO_SUCH_TASK', 'there is no such process', { pid }, undefined, error.cause);
    throw fromCompel(error, pid);
  }
  if (status.tgid !== pid)
    throw new CriuError(
      'NOT_DUMPABLE',
      `it is a thread of process ${status.tgid}`,
      { pid },
      `dump ${status.tgid}`,
    );
  if (status.state === 'Z' && readTids(pid).length > 1)
    throw new CriuError(
      'UNSUPPORTED',
      'its main thread has ended while other threads run',
      { pid },
      DEAD_LEADER_REMEDY,
    );
  if (status.state === 'Z' || status.state === 'X')
    throw new CriuError(
      'NOT_DUMPABLE',
      'it has ended already (zombie)',
      { pid },
      'name a running process with -t',
    );
  if (status.kthread ?? status.vmSize === undefined)
    throw new CriuError('NOT_DUMPABLE', 'it is a kernel thread', { pid }, 'name a user process with -t');
}

/**
 * Refuses combinations of options that contradict each other, before anything is touched.
 * @throws CriuError BAD_OPTION
 */
export function checkOptions(options: DumpOptions): void {
  if (options.leaveRunning && options.leaveStopped)
    throw new CriuError('BAD_OPTION', 'the tasks can run on or stay stopped, not both', {}, 'give -R or -s');
  if (options.live && !options.leaveRunning)
    throw new CriuError(
      'BAD_OPTION',
      'only tasks that run on need not stand still while they are written',
      {},
      'add --leave-running, or leave out --live',
    );
  if (options.live && options.lazyPages)
    throw new CriuError(
      'BAD_OPTION',
      'memory is held or fetched, not both',
      {},
      'leave out --live or --lazy-pages',
    );
  if (options.lazyPages && options.pageServer)
    throw new CriuError(
      'BAD_OPTION',
      'memory can go to a page server or be kept for one who fetches it, not both',
      {},
      'leave out --page-server or --lazy-pages',
    );
}

/**
 * Stops the tree and fills `ctx.tasks`, parents before children. If it fails, closing the tracer releases what was
 * stopped.
 * @throws CriuError
 */
export async function freezeTree(ctx: DumpContext): Promise<void> {
  const { tracer, options } = ctx;
  const timeoutMs = Math.min((options.timeout ?? DEFAULT_TIMEOUT_S) * 1000, LONGEST_MS);
  const paused = new Set<number>();
  await pauseDevices(
    ctx,
    options.freezeCgroup === undefined ? [options.pid] : descendants(options.pid),
    paused,
  );
  const group = options.freezeCgroup === undefined ? undefined : Freezer.open(options.freezeCgroup, tracer);
  ctx.freezer = group;
  const together = (await group?.stopAll(timeoutMs)) ?? [];
  const root = new LiveTask(await tracer.seize(options.pid, { timeoutMs }), undefined);
  const known = new Map<number, TreeTask>([[root.pid, root]]);
  const refused = new Set<number>();
  for (let found = true; found; ) {
    found = false;
    // The loop also visits tasks that are added to the map while it runs.
    for (const parent of known.values()) {
      if (parent.kind !== 'alive') continue;
      const fresh = readChildren(parent.pid).filter(
        (pid) => !known.has(pid) && !refused.has(pid) && pid !== tracer.pid,
      );
      if (fresh.length === 0) continue;
      found = true;
      await pauseDevices(ctx, fresh, paused);
      const stopped = await tracer.trySeizeMany(fresh, { timeoutMs });
      for (const result of stopped) {
        const admitted = ctx.refusals.attempt(() => ({ task: admit(result.pid, result, parent) }));
        if (!admitted) refused.add(result.pid);
        if (!admitted?.task) continue;
        known.set(admitted.task.pid, admitted.task);
        parent.children.push(admitted.task);
      }
    }
  }
  await holdOthers(
    ctx,
    together.filter((pid) => !known.has(pid) && !refused.has(pid)),
    timeoutMs,
  );
  ctx.refusals.settle();
  const preorder = (task: TreeTask): void => {
    ctx.tasks.push(task);
    for (const child of task.children) preorder(child);
  };
  preorder(root);
}

/**
 * Whether a task that is not dumped will be killed all the same because the dump ends the init of its pid namespace.
 * Such a task entered the namespace with setns(2), as `exec` of container engines does, and its parent is outside.
 */
function endsWithInit({ options }: DumpContext, pid: number): boolean {
  if (options.leaveRunning || options.leaveStopped) return false;
  try {
    const [own, roots, ours] = [pid, options.pid, process.pid].map((one) => readNsLinks(one).pid?.inode);
    return own === roots && own !== ours;
  } catch (error) {
    if (error instanceof ProcError) return false;
    throw error;
  }
}

/**
 * Stops the tasks of the frozen cgroup that are not part of the tree, since they may share memory or files with it.
 * They run on after the dump.
 */
async function holdOthers(ctx: DumpContext, pids: readonly number[], timeoutMs: number): Promise<void> {
  if (pids.length === 0) return;
  const held = await ctx.tracer.trySeizeMany(pids, { timeoutMs });
  for (const [i, result] of held.entries())
    if (result instanceof StopError && result.code !== 'NO_SUCH_TASK' && result.code !== 'ZOMBIE')
      ctx.log.warn(`task ${pids[i]} of the frozen cgroup is not dumped, and runs on: ${result.message}`);
    else if (endsWithInit(ctx, pids[i] ?? 0))
      ctx.log.warn(
        `task ${pids[i]} is in the pid namespace, but not below its init (exec?): it is not dumped, and ends`,
      );
    else ctx.log.info(`task ${pids[i]} of the frozen cgroup is not dumped`);
}

/** Pids of a task and all its descendants. The tasks are running, so any of them may end meanwhile. */
function descendants(pid: number): number[] {
  try {
    return [pid, ...readChildren(pid).flatMap(descendants)];
  } catch (error) {
    if (error instanceof ProcError && (error.code === 'PROC_GONE' || error.code === 'PROC_MISSING'))
      return [pid];
    throw error;
  }
}

/**
 * Lets plugins pause devices of the tasks before the tasks are stopped: a stopped task could not finish work that its
 * device has begun.
 */
async function pauseDevices(ctx: DumpContext, pids: readonly number[], done: Set<number>): Promise<void> {
  for (const pid of pids) {
    if (done.has(pid)) continue;
    done.add(pid);
    await ctx.hooks.ask('PAUSE_DEVICES', { args: [pid], about: `task ${pid}`, pid });
  }
}

function admit(pid: number, result: LiveTask['task'] | StopError, parent: LiveTask): TreeTask | undefined {
  if (!(result instanceof StopError)) return new LiveTask(result, parent);
  if (result.code === 'ZOMBIE') return new ZombieTask(asHostPid(pid), parent);
  // The task has ended and was reaped by a thread of its parent that had not been stopped yet.
  if (result.code === 'NO_SUCH_TASK') return undefined;
  throw fromCompel(result, pid);
}
