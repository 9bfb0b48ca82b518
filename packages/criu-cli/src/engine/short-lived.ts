// A process that exists only while an object is created that refers to a process which has ended.
import { Mark, type Program, type StepRef } from '@criu/compel';
import { __WALL, clone_args, SIGKILL } from '@criu/native/uapi';

/**
 * Creates the process, with the given pid if any. It sleeps until `endShortLived`.
 * @returns the step whose result is its pid
 */
export function startShortLived(p: Program, pid?: number): StepRef {
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
  p.syscall('pause', []);
  p.here(inParent);
  // If clone3 failed, its negative result has skipped to here too. pidfd_open then fails, so that no kill(2) of a
  // process group follows.
  const there = p.syscall('pidfd_open', [made, 0], { label: 'the process is there' });
  p.syscall('close', [there]);
  return made;
}

export function endShortLived(p: Program, made: StepRef | number): void {
  p.syscall('kill', [made, SIGKILL]);
  p.syscall('wait4', [made, null, __WALL, null], { label: 'end of the process' });
}
