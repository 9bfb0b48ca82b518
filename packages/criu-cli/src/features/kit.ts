// Helpers for probes of kernel features: raw system calls, and helper processes that may be damaged by the probe.
import {
  Agent,
  type Operand,
  Program,
  type ProgramResult,
  planGetRegisters,
  type StepRef,
} from '@criu/compel';
import { abi, errnoName, type SysArg, type SyscallName, SysError, sysRaw } from '@criu/native';
import { closeSync, openSync, readFileSync } from '@criu/native/fs';
import {
  EPERM,
  MAP_ANONYMOUS,
  MAP_PRIVATE,
  PTRACE_CONT,
  PTRACE_DETACH,
  PTRACE_INTERRUPT,
  PTRACE_SEIZE,
} from '@criu/native/uapi';
import { BREAKPOINT_CODE, PROGRAM_COUNTER } from '../arch/index.js';
import { type CapabilityName, lackedByCall, lackedFor } from '../capabilities.js';

/** Null if the feature is present, else what was observed instead. */
export type Verdict = string | null;

export type Category =
  /** Needed by every dump or restore, or for state that any program may have; CRIU checks it first, too. */
  | 'required'
  /** Needed by some process trees. */
  | 'extra'
  | 'experimental'
  /** Not needed, since there is another way; does not affect the exit code. */
  | 'optional'
  /** Probed only when named. */
  | 'named';

export interface Feature {
  /** Name for `--feature`; CRIU's name if it has one. */
  readonly name: string;
  /** Not in CRIU 4.2. */
  readonly ours?: boolean;
  readonly category: Category;
  /** Only root can use and probe it: skipped by `check --unprivileged`. */
  readonly privileged?: boolean;
  readonly what: string;
  /** What this version cannot do without it, or does instead. */
  readonly without: string;
  /** What this version cannot do although the kernel could: the feature then counts as missing. */
  readonly lacking?: string;
  readonly probe: () => Verdict | Promise<Verdict>;
}

/** Converts a raw result. @param seen errnos that prove the feature to be present */
export function verdict(call: string, result: number, seen: readonly number[] = []): Verdict {
  if (result >= 0 || seen.includes(-result)) return null;
  return `${call}: ${errnoName(-result)}${-result === EPERM ? capabilityNote(lackedByCall(call)) : ''}`;
}

function capabilityNote(lacked: CapabilityName | undefined): string {
  return lacked === undefined ? '' : ` (this user lacks ${lacked})`;
}

/** The verdict of a probe that an error has ended. */
export function verdictOf(error: unknown): string {
  const denied = error instanceof SysError && error.errno === EPERM;
  return `${(error as Error).message}${denied ? capabilityNote(lackedFor(error)) : ''}`;
}

/** Makes a system call whose success, or one of these errnos, proves the feature. */
export function call(name: SyscallName, args: readonly SysArg[], seen: readonly number[] = []): Verdict {
  const result = sysRaw(name, ...args);
  return verdict(name, result, seen);
}

/** Calls `use` with a descriptor and closes it. If there is no descriptor, the errno is the verdict. */
export function withFd(what: string, fd: number, use: (fd: number) => Verdict): Verdict {
  if (fd < 0) return `${what}: ${errnoName(-fd)}`;
  try {
    return use(fd);
  } finally {
    closeSync(fd);
  }
}

/** Opens a file, calls `use` with the descriptor and closes it. */
export function withFile(path: string, flags: string, use: (fd: number) => Verdict): Verdict {
  try {
    return withFd(path, openSync(path, flags), use);
  } catch (error) {
    return (error as Error).message;
  }
}

export function readText(path: string): string {
  return readFileSync(path, 'utf8');
}

/** Checks a path with access(2). */
export function accessible(path: string, mode: number): Verdict {
  const result = sysRaw('access', Buffer.from(`${path}\0`), mode);
  return result < 0 ? `${path}: ${errnoName(-result)}` : null;
}

/** Runs a probe with a helper process, which is ended afterwards in any case. */
export async function inChild<T>(use: (child: Agent) => Promise<T>): Promise<T> {
  await using child = Agent.start({ name: 'probe', bufferBytes: 1 << 18 });
  // Until its first reply it may still be in execve(2), with nothing mapped.
  await child.run(new Program('hello'));
  return await use(child);
}

/** Steps for a helper process; each must succeed, or fail with one of its listed errnos. */
export class Steps {
  readonly program = new Program('probe');
  private readonly checks: { what: string; ref: StepRef; seen: readonly number[] }[] = [];

  syscall(name: SyscallName, args: readonly Operand[], seen: readonly number[] = []): StepRef {
    const ref = this.program.syscall(name, args, { expect: 'any' });
    this.checks.push({ what: name, ref, seen });
    return ref;
  }

  /** The verdict of the first failed step; null if all have succeeded. */
  judge(result: ProgramResult): Verdict {
    for (const { what, ref, seen } of this.checks) {
      const bad = verdict(what, result.value(ref), seen);
      if (bad) return bad;
    }
    return null;
  }

  async run(agent: Agent): Promise<Verdict> {
    return this.judge(await agent.run(this.program));
  }
}

/** Runs steps in a helper process of their own. */
export function steps(build: (s: Steps) => void): Promise<Verdict> {
  return inChild((agent) => {
    const s = new Steps();
    build(s);
    return s.run(agent);
  });
}

/** waitpid(2) status of a task that was stopped by SIGTRAP. */
const STOPPED_BY_SIGTRAP = 0x057f;
/** Milliseconds; a task that misses the breakpoint has finished long before. */
const BREAKPOINT_MS = 1000;

function planStop(s: Steps, victim: number): void {
  s.syscall('ptrace', [PTRACE_SEIZE, victim, 0, 0]);
  s.syscall('ptrace', [PTRACE_INTERRUPT, victim, 0, 0]);
  s.syscall('wait4', [victim, s.program.out(8), 0x40000000 /* __WALL */, 0]);
}

/** Maps code in a helper: a `nop` and a `ret`. @returns its address */
async function placeCode(helper: Agent): Promise<bigint | string> {
  const s = new Steps();
  const p = s.program;
  const at = s.syscall('mmap', [0, 4096, 7, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0]);
  p.copy(at, p.data(BREAKPOINT_CODE), BREAKPOINT_CODE.length);
  const result = await helper.run(p);
  return s.judge(result) ?? result.big(at);
}

/** Checks a breakpoint: `set` puts it on a function of a traced helper, which must stop when it calls the function. */
export async function stopsAt(set: (s: Steps, victim: number, at: bigint) => void): Promise<Verdict> {
  return inChild((victim) =>
    inChild(async (tracer) => {
      const at = await placeCode(victim);
      if (typeof at === 'string') return at;
      const ready = new Steps();
      planStop(ready, victim.pid);
      set(ready, victim.pid, at);
      ready.syscall('ptrace', [PTRACE_CONT, victim.pid, 0, 0]);
      const bad = await ready.run(tracer);
      if (bad) return bad;
      const call = new Program('step on the breakpoint');
      call.call(at, []);
      // The call returns when the tracer detaches or ends.
      const called = victim.run(call);
      const s = new Steps();
      const p = s.program;
      const status = p.out(8);
      const stopped = p.wait(victim.pid, BREAKPOINT_MS, status, { expect: 'any' });
      const regs = p.out(abi.UserRegs.size);
      planGetRegisters(p, victim.pid, regs, { expect: 'any' });
      const result = await tracer.run(p);
      const word = result.bytes(status).readInt32LE();
      const where = result.bytes(regs).readBigUInt64LE(abi.UserRegs[PROGRAM_COUNTER]);
      await tracer.exit();
      await called;
      if (result.value(stopped) < 0) return 'the task ran over it without a stop';
      return word === STOPPED_BY_SIGTRAP && where === at
        ? null
        : `the task stopped with status ${word} elsewhere`;
    }),
  );
}

/** Has one helper trace another one, which is stopped; `prepare` runs in the victim first. */
export async function traced(
  inspect: (s: Steps, victim: number) => void,
  prepare?: (s: Steps) => void,
): Promise<Verdict> {
  return inChild((victim) =>
    inChild(async (tracer) => {
      if (prepare) {
        const before = new Steps();
        prepare(before);
        const bad = await before.run(victim);
        if (bad) return bad;
      }
      const s = new Steps();
      planStop(s, victim.pid);
      inspect(s, victim.pid);
      s.syscall('ptrace', [PTRACE_DETACH, victim.pid, 0, 0]);
      return s.run(tracer);
    }),
  );
}
