// General registers as the thread shall go on with them after a restore: a system call that the stop has interrupted
// is made again, or ends with EINTR where the kernel cannot make it again.
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

const word = (value: bigint) => BigInt.asUintN(64, value);

/**
 * A poll(2) without time limit is the same when it is made again. Programs do not expect EINTR of it (tail -f ends with
 * an error), as no signal handler has run.
 */
function waitsForEver(r: Registers): boolean {
  return Number(r.orig_rax) === SYS.poll && Number(BigInt.asIntN(32, r.rdx)) < 0;
}

/**
 * A relative sleep has written what is left of it where the program wants that, if it does. Made again with this for its time, it
 * is over when it would have been, and the program has not seen EINTR: without a handler of signals some do not expect it
 * (`sleep` of BusyBox 1.38 ends). clock_nanosleep(2) to an absolute time ends with ERESTARTNOHAND.
 */
function restOfSleep(r: Registers): Partial<Pick<Registers, 'rdi' | 'rdx'>> | undefined {
  const call = Number(r.orig_rax);
  if (call === SYS.nanosleep && r.rsi !== 0n) return { rdi: r.rsi };
  if (call === SYS.clock_nanosleep && r.r10 !== 0n) return { rdx: r.r10 };
  return undefined;
}

export function gpregsEntry(bytes: Buffer): Encodable<UserX86RegsEntry> {
  let r = parseRegisters(bytes);
  let ax = r.rax;
  let ip = r.rip;
  if (BigInt.asIntN(64, r.orig_rax) >= 0n) {
    const error = -BigInt.asIntN(64, ax);
    const rest = error === ERESTART_RESTARTBLOCK ? restOfSleep(r) : undefined;
    const again = rest !== undefined || (error === ERESTART_RESTARTBLOCK && waitsForEver(r));
    if (rest) r = { ...r, ...rest };
    if (again || error === ERESTARTSYS || error === ERESTARTNOINTR || error === ERESTARTNOHAND) {
      ax = r.orig_rax;
      ip -= SYSCALL_BYTES;
    } else if (error === ERESTART_RESTARTBLOCK) {
      // What restart_syscall(2) would go on with is in the kernel and nowhere else.
      ax = -EINTR;
    }
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
