// General registers with which a thread continues after a restore. A system call that the stop has interrupted is
// restarted, or returns EINTR if a signal handler runs first or only the kernel could continue it.
import {
  ERESTART_RESTARTBLOCK,
  ERESTARTNOHAND,
  ERESTARTNOINTR,
  ERESTARTSYS,
  parseRegisters,
  type Registers,
} from '@criu/compel';
import type { Encodable, UserX86RegsEntry } from '@criu/images';
import { SYS } from '@criu/native';
import { EINTR, TIMER_ABSTIME } from '@criu/native/uapi';

const NATIVE = 1;
const SYSCALL_BYTES = 2n;

/** The handler of a pending signal that runs before the thread continues: none, one with SA_RESTART, or one without. */
export type FirstHandler = 'none' | 'restarts' | 'interrupts';

const word = (value: bigint) => BigInt.asUintN(64, value);

/** Register changes for restarting a system call; undefined if it cannot be restarted. */
type Again = Partial<Pick<Registers, 'rdi' | 'rdx'>> | undefined;

/**
 * Restarts a system call with a timeout, which the kernel itself would continue by restart_syscall(2). Programs do not
 * expect EINTR, as no signal handler has run (`tail -f` fails, and `sleep` of BusyBox 1.38 ends early). A sleep
 * continues for its remaining time if the program has asked the kernel for that; other calls wait for their whole
 * timeout again.
 */
function goOn({ rsi, r10 }: Registers, number: number): Again {
  switch (number) {
    case SYS.nanosleep:
      return rsi === 0n ? {} : { rdi: rsi };
    case SYS.clock_nanosleep:
      return r10 === 0n || rsi & BigInt(TIMER_ABSTIME) ? {} : { rdx: r10 };
    case SYS.poll:
    case SYS.futex:
      return {};
    default:
      // It may be restart_syscall(2) itself, whose registers do not tell which call it continues.
      return undefined;
  }
}

/** How an interrupted system call continues; undefined if it returns to the program. */
function interrupted(r: Registers, first: FirstHandler, number: number): Again {
  switch (-BigInt.asIntN(64, r.rax)) {
    case ERESTARTNOINTR:
      return {};
    case ERESTARTSYS:
      return first === 'interrupts' ? undefined : {};
    case ERESTARTNOHAND:
      return first === 'none' ? {} : undefined;
    case ERESTART_RESTARTBLOCK:
      return first === 'none' ? goOn(r, number) : undefined;
    default:
      return undefined;
  }
}

/** Whether the result is a code internal to the kernel, which restarts the call or returns EINTR. */
function isInternal(rax: bigint): boolean {
  return [ERESTARTSYS, ERESTARTNOHAND, ERESTART_RESTARTBLOCK].includes(-BigInt.asIntN(64, rax));
}

/**
 * @param first the signal handler that runs before the interrupted system call continues
 * @param number the system call, if it is not the one in orig_rax
 */
export function gpregsEntry(
  bytes: Buffer,
  first: FirstHandler = 'none',
  number?: number,
): Encodable<UserX86RegsEntry> {
  let r = parseRegisters(bytes);
  const call = number ?? Number(r.orig_rax);
  let ax = r.rax;
  let ip = r.rip;
  if (BigInt.asIntN(64, r.orig_rax) >= 0n) {
    const again = interrupted(r, first, call);
    if (again) {
      r = { ...r, ...again };
      ax = BigInt(call);
      ip -= SYSCALL_BYTES;
    } else if (isInternal(ax)) ax = -BigInt(EINTR);
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
