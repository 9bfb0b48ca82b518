// The system call of a thread that is in restart_syscall(2), because a stop or an earlier dump has interrupted the call before.
// orig_rax has the number of restart_syscall(2) then; the argument registers still have those of the first call.
import { ERESTART_RESTARTBLOCK, parseRegisters, type Registers } from '@criu/compel';
import { SYS } from '@criu/native';
import { FUTEX_CLOCK_REALTIME, FUTEX_PRIVATE_FLAG, FUTEX_WAIT, FUTEX_WAIT_BITSET } from '@criu/native/uapi';
import { NSEC_PER_SEC } from '../../nanoseconds.js';

const SYSCALL_BYTES = 2n;
/** Bytes of code before the syscall instruction in which the number is searched. */
const CODE_BYTES = 32;
/** Opcode of `mov $number, %eax`; the number follows. */
const MOV_EAX = 0xb8;
const MOV_BYTES = 5;
/** struct timespec, <linux/time_types.h>; struct pollfd, poll(2). */
const TIMESPEC_BYTES = 16;
const POLLFD_BYTES = 8;
const LARGEST_INT = 0x7fffffffn;
/** Clocks have numbers up to this, or negative ones for the time of a process. */
const LAST_CLOCK = 15;
const MOST_FILES = 1n << 20n;

/** Reads memory of the thread; undefined if it is not mapped. */
export type Read = (address: bigint, length: number) => Buffer | undefined;

/** System calls that the kernel restarts by restart_syscall(2). */
const { nanosleep, clock_nanosleep, poll, futex } = SYS;
const RESTARTED: readonly number[] = [nanosleep, clock_nanosleep, poll, futex];

/** The number that the code loads into eax before the syscall instruction. */
function byCode(code: Buffer): number | undefined {
  for (let at = code.length - MOV_BYTES; at >= 0; at--) {
    if (code[at] !== MOV_EAX) continue;
    const number = code.readUInt32LE(at + 1);
    if (RESTARTED.includes(number)) return number;
  }
  return undefined;
}

/**
 * The only call that accepts these arguments. Needed where the number is no constant in the code, as in syscall(3).
 */
function byArguments({ rdi, rsi, rdx, r10 }: Registers, read: Read): number | undefined {
  const isTime = (address: bigint): boolean => {
    const time = read(address, TIMESPEC_BYTES);
    if (!time) return false;
    const [seconds, rest] = [time.readBigInt64LE(0), time.readBigInt64LE(8)];
    return seconds >= 0n && rest >= 0n && rest < NSEC_PER_SEC && seconds + rest > 0n;
  };
  const isMemory = (address: bigint, length: number) => read(address, length) !== undefined;
  const waits = [FUTEX_WAIT, FUTEX_WAIT_BITSET].flatMap((wait) =>
    [0, FUTEX_PRIVATE_FLAG, FUTEX_CLOCK_REALTIME, FUTEX_PRIVATE_FLAG | FUTEX_CLOCK_REALTIME].map(
      (flag) => wait | flag,
    ),
  );
  const fits: Record<number, boolean> = {
    [nanosleep]: isTime(rdi) && (rsi === 0n || isMemory(rsi, TIMESPEC_BYTES)),
    [clock_nanosleep]: Number(BigInt.asIntN(32, rdi)) <= LAST_CLOCK && rsi === 0n && isTime(rdx),
    [poll]:
      rdx > 0n &&
      rdx <= LARGEST_INT &&
      !isTime(rdx) &&
      rsi < MOST_FILES &&
      (rsi === 0n || isMemory(rdi, Number(rsi) * POLLFD_BYTES)),
    [futex]: waits.includes(Number(rsi)) && isMemory(rdi, 4) && isTime(r10),
  };
  const found = RESTARTED.filter((number) => fits[number]);
  return found.length === 1 ? found[0] : undefined;
}

/**
 * The system call that a thread in restart_syscall(2) continues; undefined for other threads, or if it cannot be told.
 * @param bytes struct user_regs_struct
 */
export function restartedCall(bytes: Buffer, read: Read): number | undefined {
  const r = parseRegisters(bytes);
  if (Number(r.orig_rax) !== SYS.restart_syscall || -BigInt.asIntN(64, r.rax) !== ERESTART_RESTARTBLOCK)
    return undefined;
  const code = read(r.rip - SYSCALL_BYTES - BigInt(CODE_BYTES), CODE_BYTES);
  return (code && byCode(code)) ?? byArguments(r, read);
}
