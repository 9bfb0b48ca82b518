// A process that exists only while something is made that refers to one which has ended.
import { Mark, type Program, type StepRef } from '@criu/compel';
import { abi } from '@criu/native';
import { SIGKILL } from '@criu/native/uapi';

const WALL = 0x40000000;

/** Makes the process, with a certain pid if one is given; it waits for its end. */
export function startShortLived(p: Program, pid?: number): StepRef {
  const A = abi.CloneArgs;
  const args = p.data(A.size);
  if (pid !== undefined) {
    p.poke(p.at(args, A.set_tid), p.i32(pid), 8);
    p.poke(p.at(args, A.set_tid_size), 1, 8);
  }
  const inParent = new Mark();
  const made = p.syscall('clone3', [args, A.size], {
    expect: 0,
    orGoTo: inParent,
    label: `a process ${pid === undefined ? '' : `${pid} `}for a short time`,
  });
  // A copy of the agent goes on with this program too and gets 0; this step is for it alone.
  p.syscall('pause', []);
  p.here(inParent);
  // A failure was skipped over too, and must not be taken for a pid: that would be a group to kill.
  const there = p.syscall('pidfd_open', [made, 0], { label: 'the process is there' });
  p.syscall('close', [there]);
  return made;
}

export function endShortLived(p: Program, made: StepRef | number): void {
  p.syscall('kill', [made, SIGKILL]);
  p.syscall('wait4', [made, null, WALL, null], { label: 'end of the process' });
}
