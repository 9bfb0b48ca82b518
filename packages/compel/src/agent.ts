// An agent: a process or task that runs programs which arrive at its control socket.
import { constants } from 'node:os';
import { abi, addon, agentPath, close, SysError, socketpair, sys, sysRaw } from '@criu/native';
import { CLONE_PARENT, SO_SNDBUFFORCE, SOL_SOCKET } from '@criu/native/uapi';
import { AgentGoneError, AgentProtocolError, ChainBrokenError } from './agent-errors.js';
import { Program } from './program.js';
import type { EncodedProgram } from './program-code.js';
import { decodeOutcome, type ProgramResult } from './program-result.js';

interface Pending {
  readonly title: string;
  readonly program: EncodedProgram;
  /** Sequence number of its reply; 0 if it is the next one. */
  readonly seq: number;
  /** There is a reply only on failure. */
  readonly quiet: boolean;
  readonly chain: number;
  resolve(result?: ProgramResult): void;
  reject(error: Error): void;
}

/** Agents by the descriptor of their control socket, for the native reactor, of which a process has one. */
const agents = new Map<number, Agent>();
let started = false;
let outstanding = 0;

function keepAlive(change: 1 | -1): void {
  outstanding += change;
  if (outstanding === (change === 1 ? 1 : 0)) addon().channelRef(change === 1);
}

function startReactor(): void {
  if (started) return;
  started = true;
  addon().channelStart((fd, closed, bytes, fds) => {
    const agent = agents.get(fd);
    if (!agent) for (const stray of fds) close(stray);
    else if (closed) agent.gone();
    else agent.take(bytes, fds);
  });
}

export interface AgentStartOptions {
  /** For messages. */
  readonly name?: string;
  /** Bytes for programs, their data and results. */
  readonly bufferBytes?: number;
  /** Flags for clone3(2): CLONE_NEW*, CLONE_PARENT. */
  readonly flags?: bigint;
  /** Requested pids, innermost pid namespace first. */
  readonly setTid?: readonly number[];
  /** Number of its control descriptor. */
  readonly controlFd?: number;
  readonly newSession?: boolean;
  readonly exitSignal?: number;
  /** Its supplementary group ids; default: those of this process. */
  readonly groups?: readonly number[];
  /** Descriptor of a pid namespace, the same as ours or below it, in which the agent is created. */
  readonly pidNamespace?: number;
}

export const AGENT_BUFFER_BYTES = 1 << 20;
/** Small programs are sent together up to this size in bytes. */
const JOIN_BYTES = 64 << 10;

/** Enlarges the send buffer for whole programs, so that sending does not wait for the agent. */
function enlarge(fd: number): void {
  const size = new Int32Array([4 << 20]);
  sysRaw('setsockopt', fd, SOL_SOCKET, SO_SNDBUFFORCE, size, 4);
}

/** A connection to an agent. Programs run one after the other in the order of `run` calls. */
export class Agent {
  private readonly queue: Pending[] = [];
  private readonly outgoing: EncodedProgram[] = [];
  private lastSeq = 0;
  private dead = false;
  private status: Promise<number> | undefined;
  private readonly closedWaiters: (() => void)[] = [];

  private constructor(
    readonly name: string,
    /** Pid as this process sees it; 0 while unknown. */
    public pid: number,
    private readonly socket: number,
    /** Created by `start`: a child of this process, which has to be reaped. */
    private readonly isChild: boolean,
  ) {
    agents.set(socket, this);
    const error = addon().channelAdd(socket);
    if (error < 0) throw new SysError('epoll_ctl', -error, name);
  }

  /** Starts the agent's ELF file as a child of this process. @throws SysError */
  static start(options: AgentStartOptions = {}): Agent {
    startReactor();
    const [ours, theirs] = socketpair();
    enlarge(ours);
    enlarge(theirs);
    const pid = addon().spawnAgent(
      agentPath(),
      theirs,
      options.controlFd ?? 3,
      options.bufferBytes ?? AGENT_BUFFER_BYTES,
      Number(options.flags ?? 0n),
      [...(options.setTid ?? [])],
      options.newSession ?? true,
      options.exitSignal ?? constants.signals.SIGCHLD,
      options.groups ? [...options.groups] : undefined,
      options.pidNamespace,
    );
    close(theirs);
    if (pid < 0) {
      close(ours);
      throw new SysError('clone3', -pid, options.name ?? 'agent');
    }
    return new Agent(
      options.name ?? `agent ${pid}`,
      pid,
      ours,
      !((options.flags ?? 0n) & BigInt(CLONE_PARENT)),
    );
  }

  /**
   * Creates the connection for an agent that another agent will spawn.
   * @returns `remote` is to be sent with `Program.fd`, and closed by the caller afterwards
   */
  static prepare(name: string): { agent: Agent; remote: number } {
    startReactor();
    const [ours, theirs] = socketpair();
    enlarge(ours);
    enlarge(theirs);
    return { agent: new Agent(name, 0, ours, false), remote: theirs };
  }

  /**
   * Reaps the process and resolves with its wait status; undefined if it is not our child. The event loop stays alive
   * for it unless `keepAlive` is false.
   */
  reap(keepAlive = true): Promise<number> | undefined {
    if (!this.isChild) return undefined;
    this.status ??= addon().waitChild(this.pid, keepAlive);
    return this.status;
  }

  get alive(): boolean {
    return !this.dead;
  }

  /** Runs a program. @throws ProgramError, AgentGoneError */
  run(program: Program): Promise<ProgramResult> {
    return this.send(program.title, program.encode());
  }

  /** The number of a new chain: once a program of a chain has failed, later ones are not run. */
  newChain(): number {
    return ++this.lastSeq;
  }

  /**
   * Runs a program of a chain. Programs of a chain can be sent without waiting; those after a failed one are not run.
   * @param quiet there is no reply; the program counts as run when a later one has been answered
   * @returns undefined for a quiet one
   * @throws ProgramError, AgentGoneError; ChainBrokenError for a program that was not run
   */
  follow(chain: number, program: Program, quiet = false): Promise<ProgramResult | undefined> {
    const encoded = program.encode();
    const seq = ++this.lastSeq;
    const H = abi.AgentProg;
    encoded.bytes.writeUInt32LE(chain, H.chain);
    encoded.bytes.writeUInt32LE(seq, H.seq);
    encoded.bytes.writeUInt32LE(quiet ? 1 : 0, H.quiet);
    return this.sendAs({ title: program.title, program: encoded, seq, quiet, chain });
  }

  /**
   * Waits for the reply to a program that was sent to another agent, and that this agent, a copy of that one,
   * continues.
   */
  expect(program: Program): Promise<ProgramResult> {
    return this.send(program.title, program.encode(), false);
  }

  /**
   * Keeps a program that runs when our end of the connection closes for whatever reason; the latest kept program runs
   * first. Null removes it. A disarmed program runs only if a step of another program has armed it.
   */
  async onHangup(slot: number, program: Program | null, armed = true): Promise<void> {
    const p = program ?? new Program('forget');
    const bytes = p.encode(abi.AGENT_MSG_HANGUP, slot, armed ? 0 : abi.AGENT_KEEP_DISARMED);
    await this.send(`hang-up program: ${p.title}`, bytes);
  }

  /**
   * Like onHangup, without waiting: in force before any program that is run after this call. An agent without memory
   * for it closes the connection.
   * @param place `first`: it runs before all that are not `first`, even later ones; `last`: it runs after the present
   * ones
   */
  keep(slot: number, program: Program, armed: boolean, place?: 'first' | 'last'): void {
    const where = place && { first: abi.AGENT_KEEP_FIRST, last: abi.AGENT_KEEP_LAST }[place];
    const how = abi.AGENT_KEEP_QUIET | (armed ? 0 : abi.AGENT_KEEP_DISARMED) | (where ?? 0);
    this.post(program.encode(abi.AGENT_MSG_HANGUP, slot, how));
    // The program must reach the agent before the action that it undoes, even if we are killed at once.
    if (place) this.flush();
  }

  /**
   * Moves the agent to a copy at another address; the old region stays mapped. If that fails, the rest of the chain is
   * not run.
   */
  async relocate(target: bigint, chain = 0): Promise<void> {
    const program = new Program('relocate').encode(abi.AGENT_MSG_RELOCATE, 0, target);
    program.bytes.writeUInt32LE(chain, abi.AgentProg.chain);
    await this.send('relocate', program);
  }

  private async send(title: string, program: EncodedProgram, post = true): Promise<ProgramResult> {
    const result = await this.sendAs({ title, program, seq: 0, quiet: false, chain: 0 }, post);
    if (!result) throw new AgentProtocolError(`${this.name}: ${title}: there is no reply`);
    return result;
  }

  private sendAs(
    message: Omit<Pending, 'resolve' | 'reject'>,
    post = true,
  ): Promise<ProgramResult | undefined> {
    return new Promise((resolve, reject) => {
      if (this.dead) {
        reject(new AgentGoneError(this.name));
        return;
      }
      keepAlive(1);
      this.queue.push({ ...message, resolve, reject });
      if (post) this.post(message.program);
    });
  }

  /**
   * The program that a reply belongs to. Quiet programs before it have run.
   * @param canceled the program was not run, and neither were those before it in its chain
   */
  private answered(seq: number, canceled: boolean): Pending | undefined {
    const at = this.queue.findIndex((one) => !one.quiet || (seq !== 0 && one.seq === seq));
    const quiet = this.queue.splice(0, at < 0 ? this.queue.length : at);
    const pending = this.queue.shift();
    for (const one of quiet) {
      keepAlive(-1);
      if (canceled && one.chain === pending?.chain) one.reject(this.notRun(one));
      else one.resolve();
    }
    return pending;
  }

  private notRun({ title }: Pending): ChainBrokenError {
    return new ChainBrokenError(`${this.name}: ${title}: not run`);
  }

  private post(program: EncodedProgram): void {
    // Programs that are queued in one turn are sent together: each send wakes the agent.
    this.outgoing.push(program);
    // Descriptors are sent at once, so that the caller may close its own.
    if (program.fds.length > 0) this.flush();
    else if (this.outgoing.length === 1) queueMicrotask(() => this.flush());
  }

  private flush(): void {
    const batch = this.outgoing.splice(0);
    let at = 0;
    for (let first = batch[at]; first && !this.dead; first = batch[at]) {
      const parts = [first.bytes];
      let size = first.bytes.length;
      // Descriptors travel with the first byte of their own program.
      for (let next = batch[++at]; next && next.fds.length === 0 && size < JOIN_BYTES; next = batch[++at]) {
        size += next.bytes.length;
        parts.push(next.bytes);
      }
      const bytes = parts.length === 1 ? first.bytes : Buffer.concat(parts);
      const error = addon().channelSend(this.socket, bytes, [...first.fds]);
      if (error === 0 || error === -constants.errno.EPIPE || error === -constants.errno.ECONNRESET) continue;
      // The reactor reports a closed connection, in order with the replies sent before. After any other failure the
      // state of the stream is unknown.
      const cause = new SysError('sendmsg', -error, this.name);
      for (const pending of this.queue.splice(0)) {
        keepAlive(-1);
        pending.reject(cause);
      }
      this.abandon();
    }
  }

  /** @internal Called by the reactor. */
  take(bytes: Buffer, fds: number[]): void {
    const H = abi.AgentReply;
    const error = bytes.readUInt32LE(H.error);
    const canceled = error === constants.errno.ECANCELED;
    const pending = this.answered(bytes.readUInt32LE(H.seq), canceled);
    if (!pending) {
      for (const fd of fds) close(fd);
      return;
    }
    keepAlive(-1);
    const nrOps = bytes.readUInt32LE(H.nr_ops);
    const failedAt = bytes.readInt32LE(H.failed_at);
    if (error) {
      for (const fd of fds) close(fd);
      if (canceled) {
        pending.reject(this.notRun(pending));
        return;
      }
      pending.reject(new AgentProtocolError(`${this.name}: ${pending.title}: refused with errno ${error}`));
      return;
    }
    const outcome = {
      results: bytes.subarray(H.size, H.size + nrOps * 8),
      reply: bytes.subarray(H.size + nrOps * 8),
      failedAt,
      steps: bytes.readUInt32LE(H.steps),
      fds,
    };
    try {
      pending.resolve(decodeOutcome(`${this.name}: ${pending.title}`, pending.program, outcome));
    } catch (failure) {
      for (const fd of fds) close(fd);
      pending.reject(failure as Error);
    }
  }

  /** @internal Called by the reactor when the other end is closed. */
  gone(): void {
    if (this.dead) return;
    this.dead = true;
    agents.delete(this.socket);
    close(this.socket);
    for (const pending of this.queue.splice(0)) {
      keepAlive(-1);
      pending.reject(new AgentGoneError(this.name));
    }
    for (const wake of this.closedWaiters.splice(0)) wake();
  }

  /** Tells the agent to exit without running its hang-up programs, and waits for that. */
  async exit(): Promise<void> {
    if (!this.dead) {
      this.dismiss();
      await this.closed();
    }
    await this.reap();
  }

  /** The same without waiting, for a process that ends at once: somebody else reaps the agent. */
  dismiss(): void {
    if (this.dead) return;
    this.flush();
    addon().channelSend(this.socket, new Program().encode(abi.AGENT_MSG_EXIT).bytes, []);
  }

  /** Closes our end: the agent runs its hang-up programs and exits. */
  async hangUp(): Promise<void> {
    if (!this.dead) {
      this.flush();
      // Only shutdown(2) wakes the reactor, which then closes the descriptor.
      sys('shutdown', this.socket, 2);
      await this.closed();
    }
    await this.reap();
  }

  /** Drops the connection without a message, once the agent has been unmapped from its task. */
  abandon(): void {
    if (this.dead) return;
    addon().channelRemove(this.socket);
    this.gone();
  }

  private closed(): Promise<void> {
    if (this.dead) return Promise.resolve();
    keepAlive(1);
    return new Promise((resolve) =>
      this.closedWaiters.push(() => {
        keepAlive(-1);
        resolve();
      }),
    );
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.exit();
  }
}
