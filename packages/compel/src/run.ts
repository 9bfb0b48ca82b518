// Lets a thread of an infected task run the program in its buffer, and handles the outcomes.
import { abi } from '@criu/native';
import { EFAULT, ESTALE, ETIMEDOUT } from '@criu/native/uapi';
import { functionRegisters, withRegisters } from './arch/index.js';
import { VictimError } from './errors.js';
import { type Hold, trapOutcome } from './holds.js';
import { isDead } from './proc.js';
import { Program } from './program.js';
import { planTrap } from './remote.js';
import type { Session, Slice } from './session.js';
import type { Task } from './task.js';

/** Milliseconds that the tracer waits for a run before it turns to other work. */
const TURN_MS = 20;

/** Resolves when the program has ended, whatever the results of its steps. @throws VictimError */
export async function runTrap(
  session: Session,
  hold: Hold,
  slice: Slice,
  title: string,
  timeoutMs: number | undefined,
  /** Slot of a kept program to be removed when the run starts. */
  disarm: number | undefined,
): Promise<void> {
  const { task } = session;
  const { tid } = hold.thread;
  const deadline = timeoutMs === undefined ? Number.POSITIVE_INFINITY : Date.now() + timeoutMs;
  const start = startRegisters(session, hold, slice);
  for (let first = true; ; first = false) {
    const left = session.stopping ? 0 : deadline - Date.now();
    const last = left <= TURN_MS;
    const p = new Program(`run "${title}" in ${tid}`);
    const regs = p.data(start);
    const flags = (first ? 0 : abi.AGENT_TRAP_RUNNING) | (last ? 0 : abi.AGENT_TRAP_LEAVE);
    const { trap } = planTrap(p, hold.mode, regs, last ? Math.max(0, left) : TURN_MS, flags);
    if (first && disarm !== undefined) p.arm(disarm, abi.AGENT_FORGET);
    const ran = p.trapRun(tid, trap, { expect: 'any' });
    const outcome = trapOutcome(p, trap);
    // execve(2) waits until the other threads are dead and reaped by the tracer.
    if (!first) for (const idle of session.idleThreads()) p.wait(idle, -1, p.out(8), { expect: 'any' });
    const r = await task.drive(p);
    session.heldSignals |= BigInt.asUintN(64, r.big(outcome.held));
    const value = r.value(ran);
    if (value === 0) return;
    // The kernel does not report a dead leader while other threads of the process exist, which this tracer must reap.
    if (value === -ETIMEDOUT && !last && !isDead(task.pid, tid)) continue;
    const limit = session.stopping ? 'before the cure' : `in ${timeoutMs} ms`;
    throw await runFailure(task, tid, title, value, r.value(outcome.fault), limit);
  }
}

/** The reason why a run did not finish, from the result of its trap. Also records the death of a task. */
export async function runFailure(
  task: Task,
  tid: number,
  title: string,
  value: number,
  signal: number,
  limit: string,
): Promise<VictimError> {
  if (value === -ETIMEDOUT && !isDead(task.pid, tid))
    return new VictimError(task.pid, 'TIMEOUT', `thread ${tid} did not end "${title}" ${limit}`);
  if (value === -EFAULT)
    return new VictimError(
      task.pid,
      'FAULT',
      `thread ${tid} crashed in "${title}" with signal ${signal}`,
      signal,
    );
  if (value === -ESTALE) {
    await task.execed();
    return new VictimError(task.pid, 'EXECED', `executed another program in "${title}"`);
  }
  await task.died();
  return new VictimError(task.pid, 'DIED', `died in "${title}"`);
}

/** The registers with which a thread starts a run. */
export function startRegisters(session: Session, hold: Hold, slice: Slice): Buffer {
  const entry = hold.mode === abi.AGENT_TRAP_MARK ? abi.AGENT_ENTRY_MARK : abi.AGENT_ENTRY_BREAK;
  return withRegisters(hold.thread.regs, functionRegisters(session.entry(entry), slice.ctx, slice.stackTop));
}
