// A process that exists only while an object is created that refers to a process which has ended.
import { Mark, type Program, type StepRef } from '@criu/compel';
import { __WALL, clone_args, PR_SET_DUMPABLE, SIG_SETMASK, SIGKILL } from '@criu/native/uapi';

/**
 * Creates the process, with the given pid if any. It sleeps until `endShortLived`.
 * @returns the step whose result is its pid
 */
export function startShortLived(p: Program, pid?: number): StepRef {
  return start(p, () => p.syscall('pause', []), pid);
}

/** Creates a process that ends by itself. @param status as wait(2) tells it, of no signal that stops; a core dump is not made */
export function startEnding(p: Program, status: number): StepRef {
  return start(p, () => {
    const signal = status & 0x7f;
    if (signal !== 0) {
      const any = { expect: 'any' } as const;
      p.syscall('prctl', [PR_SET_DUMPABLE, 0, 0, 0, 0], any);
      p.syscall('rt_sigprocmask', [SIG_SETMASK, p.data(SIGSET_BYTES), null, SIGSET_BYTES], any);
      p.syscall('kill', [p.syscall('getpid', [], any), signal], any);
    }
    p.syscall('exit_group', [(status >> 8) & 0xff]);
  });
}

const SIGSET_BYTES = 8;

/** @param does steps of the new process, which do not return */
function start(p: Program, does: () => void, pid?: number): StepRef {
  const args = p.data(clone_args.sizeof);
  if (pid !== undefined) {
    p.poke(p.at(args, clone_args.set_tid), p.i32(pid), 8);
    p.poke(p.at(args, clone_args.set_tid_size), 1, 8);
  }
  const inParent = new Mark();
  const made = p.syscall('clone3', [args, clone_args.sizeof], {
    expect: 0,
    orGoTo: inParent,
    label: `a process ${pid === undefined ? '' : `${pid} `}for a short time`,
  });
  // The child is a copy of the agent and continues this program with result 0; this step is executed by the child only.
  does();
  p.here(inParent);
  // If clone3 failed, its negative result has skipped to here too. pidfd_open then fails, so that no kill(2) of a
  // process group follows.
  const there = p.syscall('pidfd_open', [made, 0], { label: 'the process is there' });
  p.syscall('close', [there]);
  return made;
}

export function endShortLived(
  p: Program,
  made: StepRef | number,
  how: 'killed' | 'by itself' = 'killed',
): void {
  if (how === 'killed') p.syscall('kill', [made, SIGKILL]);
  p.syscall('wait4', [made, null, __WALL, null], { label: 'end of the process' });
}
