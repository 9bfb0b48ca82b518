// Runs a program in each of many threads, one after the other, in as few round trips to the tracer as possible. All use
// the memory of the session's host; each thread is restored as soon as its program has ended.
import { abi } from '@criu/native';
import { iovec, PTRACE_SETOPTIONS } from '@criu/native/uapi';
import { VictimError } from './errors.js';
import { examineThread, type Hold, planHold, planPutBack, type ThreadLook, trapOutcome } from './holds.js';
import { type DataRef, Mark, type StepRef } from './operands.js';
import { Program } from './program.js';
import type { EncodedProgram } from './program-code.js';
import type { ProgramOutcome } from './program-result.js';
import { SEIZE_OPTIONS } from './ptrace.js';
import { planTrap } from './remote.js';
import { runFailure, startRegisters } from './run.js';
import type { Session, Slice } from './session.js';

export interface ThreadRun {
  readonly tid: number;
  readonly title: string;
  readonly program: EncodedProgram;
}

/** Milliseconds; programs that are run this way must not block. */
const TIME_LIMIT_MS = 5000;
/** Steps refer to each other by 16-bit numbers. */
const MOST_STEPS = 0xf000;

interface Steps {
  readonly run: ThreadRun;
  /** The step that has written the program, if it had to be written. */
  readonly loaded: StepRef | undefined;
  readonly ran: StepRef;
  readonly held: StepRef;
  readonly fault: StepRef;
  readonly got: StepRef;
  readonly head: DataRef;
  readonly tail: DataRef;
}

/** Offsets of the results in the memory of a slice. */
function layout(program: EncodedProgram) {
  const [H, O] = [abi.AgentProg, abi.AgentOp];
  const { bytes } = program;
  const resultsAt = (bytes.length + 7) & ~7;
  const replyFrom = H.size + program.nrOps * O.size + bytes.readUInt32LE(H.reply_offset);
  return { resultsAt, replyFrom, end: resultsAt + program.nrOps * 8 };
}

/** Whether two programs are encoded identically. */
function same(a: EncodedProgram | undefined, b: EncodedProgram): boolean {
  return a?.bytes.equals(b.bytes) ?? false;
}

function planRun(
  p: Program,
  session: Session,
  slice: Slice,
  hold: Hold,
  run: ThreadRun,
  load: boolean,
): Steps {
  const { tid } = run;
  const { pid } = session.task;
  const { replyFrom, end } = layout(run.program);
  const { bytes } = run.program;
  const { trap } = planTrap(p, hold.mode, p.data(startRegisters(session, hold, slice)), TIME_LIMIT_MS);
  const head = p.out(abi.AgentProg.size);
  const tail = p.out(end - replyFrom);
  const local = p.data(2 * iovec.sizeof);
  for (const [i, area] of [head, tail].entries()) {
    p.poke(p.at(local, i * iovec.sizeof + iovec.iov_base), area, 8);
    p.poke(p.at(local, i * iovec.sizeof + iovec.iov_len), area.size, 8);
  }
  const remote = p.u64(slice.buffer, head.size, slice.buffer + BigInt(replyFrom), tail.size);
  const known = session.holds.has(tid);
  if (!known) planHold(p, hold);
  const notLoaded = new Mark();
  let loaded: StepRef | undefined;
  if (load) {
    const area = p.data(bytes);
    const from = p.data(iovec.sizeof);
    p.poke(from, area, 8);
    p.poke(p.at(from, 8), bytes.length, 8);
    const to = p.u64(slice.buffer, bytes.length);
    // If the program cannot be written, nothing is run, but the thread is restored nevertheless.
    loaded = p.syscall('process_vm_writev', [pid, from, 1, to, 1, 0], {
      expect: bytes.length,
      orGoTo: notLoaded,
    });
  }
  const ran = p.trapRun(tid, trap, { expect: 'any' });
  const outcome = trapOutcome(p, trap);
  const got = p.syscall('process_vm_readv', [pid, local, 2, remote, 2, 0], { expect: 'any' });
  p.here(notLoaded);
  if (!known) planPutBack(p, hold, 'ok');
  if (!known && hold.suspendSeccomp)
    p.syscall('ptrace', [PTRACE_SETOPTIONS, tid, 0, SEIZE_OPTIONS], { expect: 'any' });
  return { run, loaded, ran, ...outcome, got, head, tail };
}

/** The kept program that restores all threads of a batch if this process dies. */
function hangup(holds: readonly Hold[]): Program {
  const p = new Program('put threads back');
  const status = p.out(8);
  for (const hold of holds) {
    p.stop(hold.thread.tid, 5000, status, abi.AGENT_STOP_ANY, { expect: 'any' });
    planPutBack(p, hold, 'any');
  }
  return p;
}

function outcome(steps: Steps, result: { bytes(ref: DataRef): Buffer }): ProgramOutcome {
  const { resultsAt, replyFrom } = layout(steps.run.program);
  const head = result.bytes(steps.head);
  const tail = result.bytes(steps.tail);
  return {
    results: tail.subarray(resultsAt - replyFrom),
    reply: tail.subarray(0, steps.run.program.replySize),
    failedAt: head.readInt32LE(abi.AgentProg.failed_at),
    steps: head.readUInt32LE(abi.AgentProg.steps),
    fds: [],
  };
}

/**
 * Runs programs in threads. The programs must not have descriptors or execute another program.
 * @param looks what /proc/PID/status says of the threads, if the caller knows it already
 * @throws VictimError
 */
export async function runEach(
  session: Session,
  slice: Slice,
  runs: readonly ThreadRun[],
  looks: ReadonlyMap<number, ThreadLook> | undefined,
): Promise<ProgramOutcome[]> {
  const { task } = session;
  const { tracer } = task;
  const out: ProgramOutcome[] = [];
  const slot = tracer.newSlot();
  for (let from = 0; from < runs.length; ) {
    const p = new Program(`programs in threads of ${task.pid}`);
    const batch: Steps[] = [];
    const holds: Hold[] = [];
    let loaded: EncodedProgram | undefined;
    for (
      let run = runs[from];
      run && p.size < tracer.batchBytes && p.length < MOST_STEPS;
      run = runs[++from]
    ) {
      if (layout(run.program).end > slice.bufferBytes)
        throw new VictimError(
          task.pid,
          'TOO_BIG',
          `program "${run.title}" does not fit (infect with bufferBytes)`,
        );
      const known = session.holds.get(run.tid);
      const hold = known ?? examineThread(task, task.thread(run.tid), looks?.get(run.tid));
      if (!known) holds.push(hold);
      batch.push(planRun(p, session, slice, hold, run, !same(loaded, run.program)));
      loaded = run.program;
    }
    // The threads that the session holds have such a kept program already.
    if (holds.length > 0) tracer.keep(slot, hangup(holds), true);
    p.arm(slot, abi.AGENT_FORGET);
    const result = await task.drive(p).catch((error: unknown) => {
      const forget = new Program('forget');
      forget.arm(slot, abi.AGENT_FORGET);
      tracer.run(forget).catch(() => undefined);
      throw error;
    });
    for (const steps of batch) {
      const { tid, title, program } = steps.run;
      if (steps.loaded && result.value(steps.loaded) !== program.bytes.length)
        throw new VictimError(task.pid, 'MEMORY', `cannot write "${title}" for thread ${tid}`);
      session.heldSignals |= BigInt.asUintN(64, result.big(steps.held));
      const value = result.value(steps.ran);
      if (value !== 0)
        throw await runFailure(task, tid, title, value, result.value(steps.fault), `in ${TIME_LIMIT_MS} ms`);
      if (result.value(steps.got) !== steps.head.size + steps.tail.size)
        throw new VictimError(task.pid, 'MEMORY', `cannot read what "${title}" gave in thread ${tid}`);
      out.push(outcome(steps, result));
    }
  }
  return out;
}
