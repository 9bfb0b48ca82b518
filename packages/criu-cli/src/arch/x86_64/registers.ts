// General registers as the thread shall go on with them after a restore: a system call that the stop has interrupted
// is made again, or ends with EINTR where a signal handler runs first, or where the kernel alone knows how to go on.
import { parseRegisters, type Registers } from '@criu/compel';
import type { Encodable, UserX86RegsEntry } from '@criu/images';
import { SYS } from '@criu/native';

const NATIVE = 1;
const ERESTARTSYS = 512n;
const ERESTARTNOINTR = 513n;
const ERESTARTNOHAND = 514n;
const ERESTART_RESTARTBLOCK = 516n;
const EINTR = 4n;
const SYSCALL_BYTES = 2n;
const TIMER_ABSTIME = 1n;

/** What runs in a thread before it goes on: the handler of a signal that is pending, and whether that has SA_RESTART. */
export type FirstHandler = 'none' | 'restarts' | 'interrupts';

const word = (value: bigint) => BigInt.asUintN(64, value);

/** Changes of registers with which a system call is made again; undefined for one that cannot be. */
type Again = Partial<Pick<Registers, 'rdi' | 'rdx'>> | undefined;

/**
 * A system call with a time limit that the kernel would have gone on with by restart_syscall(2). Programs do not expect
 * EINTR of it, as no signal handler has run (tail -f ends with an error, `sleep` of BusyBox 1.38 ends). A sleep goes on for the rest of its time, which
 * the kernel has written down if it was asked to; what else has a limit waits that long once more.
 */
function goOn({ orig_rax, rsi, r10 }: Registers): Again {
  switch (Number(orig_rax)) {
    case SYS.nanosleep:
      return rsi === 0n ? {} : { rdi: rsi };
    case SYS.clock_nanosleep:
      return r10 === 0n || rsi & TIMER_ABSTIME ? {} : { rdx: r10 };
    case SYS.poll:
    case SYS.futex:
      return {};
    default:
      // It may be restart_syscall(2) itself, which does not tell what it goes on with.
      return undefined;
  }
}

/**
 * A wait without time limit that the kernel ends with EINTR whenever a task is stopped, and that is the same when it is
 * made again.
 */
function waitsForEver({ orig_rax, rdx, r10 }: Registers): boolean {
  switch (Number(orig_rax)) {
    case SYS.epoll_wait:
    case SYS.epoll_pwait:
      return BigInt.asIntN(32, r10) < 0n;
    case SYS.epoll_pwait2:
      return r10 === 0n;
    case SYS.rt_sigtimedwait:
      return rdx === 0n;
    case SYS.semop:
      return true;
    case SYS.semtimedop:
      return r10 === 0n;
    default:
      return false;
  }
}

/** How an interrupted system call goes on; undefined: it is over. */
function interrupted(r: Registers, first: FirstHandler): Again {
  switch (-BigInt.asIntN(64, r.rax)) {
    case ERESTARTNOINTR:
      return {};
    case ERESTARTSYS:
      return first === 'interrupts' ? undefined : {};
    case ERESTARTNOHAND:
      return first === 'none' ? {} : undefined;
    case ERESTART_RESTARTBLOCK:
      return first === 'none' ? goOn(r) : undefined;
    case EINTR:
      return first === 'none' && waitsForEver(r) ? {} : undefined;
    default:
      return undefined;
  }
}

/** Whether the result of a system call is one that no program sees: the kernel makes the call again, or gives EINTR. */
function isInternal(rax: bigint): boolean {
  return [ERESTARTSYS, ERESTARTNOHAND, ERESTART_RESTARTBLOCK].includes(-BigInt.asIntN(64, rax));
}

/** @param first what runs in the thread before it goes on with the system call that it was in */
export function gpregsEntry(bytes: Buffer, first: FirstHandler = 'none'): Encodable<UserX86RegsEntry> {
  let r = parseRegisters(bytes);
  let ax = r.rax;
  let ip = r.rip;
  if (BigInt.asIntN(64, r.orig_rax) >= 0n) {
    const again = interrupted(r, first);
    if (again) {
      r = { ...r, ...again };
      ax = r.orig_rax;
      ip -= SYSCALL_BYTES;
    } else if (isInternal(ax)) ax = -EINTR;
  }
  return {
    r15: r.r15,
    r14: r.r14,
    r13: r.r13,
    r12: r.r12,
    bp: r.rbp,
    bx: r.rbx,
    r11: r.r11,
    r10: r.r10,
    r9: r.r9,
    r8: r.r8,
    ax: word(ax),
    cx: r.rcx,
    dx: r.rdx,
    si: r.rsi,
    di: r.rdi,
    orig_ax: r.orig_rax,
    ip: word(ip),
    cs: r.cs,
    flags: r.eflags,
    sp: r.rsp,
    ss: r.ss,
    fs_base: r.fs_base,
    gs_base: r.gs_base,
    ds: r.ds,
    es: r.es,
    fs: r.fs,
    gs: r.gs,
    mode: NATIVE,
  };
}
