// Memory that a session maps in its task: in parts of the address space that programs leave empty, until the cure.
import { abi } from '@criu/native';
import {
  EACCES,
  EEXIST,
  MAP_ANONYMOUS,
  MAP_FIXED,
  MAP_FIXED_NOREPLACE,
  MAP_NORESERVE,
  MAP_PRIVATE,
  PROT_EXEC,
  PROT_READ,
  PROT_WRITE,
} from '@criu/native/uapi';
import { VictimError } from './errors.js';
import { undoHangup } from './holds.js';
import { Mark } from './operands.js';
import { maps } from './proc.js';
import { Program } from './program.js';
import { planRemoteSyscall } from './remote.js';
import type { Session } from './session.js';

/** A range that is mapped in the task for the time of the session. */
export interface Mapping {
  readonly address: bigint;
  readonly length: number;
}

interface OwnMapping extends Mapping {
  /** Slot of the kept program that unmaps it if this process dies. */
  readonly slot: number;
}

/** Attempts to map something at random places, before one in the largest gap. */
const RANDOM_ATTEMPTS = 8;
const PAGE = 0x1000n;
/** Bounds of what can be mapped: above `vm.mmap_min_addr`, and below the end of 47-bit addresses. */
const LOWEST = 0x10000n;
const HIGHEST = 0x7ffffffff000n;
const PROT_RW = PROT_READ | PROT_WRITE;
const PROT_RX = PROT_READ | PROT_EXEC;
const PROT_RWX = PROT_RW | PROT_EXEC;
const MAP_PRIVATE_ANONYMOUS = MAP_PRIVATE | MAP_ANONYMOUS;

export class SessionMemory {
  private readonly own: OwnMapping[] = [];

  constructor(private readonly session: Session) {}

  get mappings(): readonly OwnMapping[] {
    return this.own;
  }

  /**
   * Maps writable and executable memory, as two mappings if the task forbids both permissions at once (PR_SET_MDWE).
   */
  async mapCode(
    length: number,
    textOffset: number,
    textLength: number,
    first?: (p: Program) => void,
  ): Promise<bigint> {
    try {
      return await this.map(length, PROT_RWX, first);
    } catch (error) {
      if (
        !(error instanceof VictimError && error.code === 'MAP_FAILED' && /EACCES|EPERM/.test(error.message))
      )
        throw error;
    }
    const address = await this.map(length, PROT_RW);
    const flags = MAP_PRIVATE_ANONYMOUS | MAP_FIXED;
    const text = address + BigInt(textOffset);
    const got = await this.session.bareSyscall('mmap', [text, textLength, PROT_RX, flags, -1, 0]);
    if (got !== text)
      throw new VictimError(
        this.session.task.pid,
        got === -BigInt(EACCES) ? 'CODE_DENIED' : 'MAP_FAILED',
        `cannot map code: mmap gave ${mapFailure(got)}`,
      );
    return address;
  }

  /**
   * Maps anonymous memory in a part of the address space that programs leave empty; the cure unmaps it.
   * @param first adds steps before the mmap
   * @throws VictimError MAP_FAILED
   */
  async map(length: number, prot: number, first?: (p: Program) => void): Promise<bigint> {
    const { task, host } = this.session;
    for (let attempt = 0; ; attempt++) {
      const address = attempt < RANDOM_ATTEMPTS ? emptyAddress() : gapAddress(task.pid);
      const slot = task.tracer.newSlot();
      const p = new Program(`map ${length} bytes in ${task.pid}`);
      first?.(p);
      const flags = MAP_PRIVATE_ANONYMOUS | MAP_FIXED_NOREPLACE | MAP_NORESERVE;
      const notThere = new Mark();
      const mapped = planRemoteSyscall(
        p,
        {
          tid: host.thread.tid,
          at: task.syscallInsn,
          regs: host.thread.regs,
          nr: 'mmap',
          args: [address, length, prot, flags, -1, 0],
        },
        { expect: address, orGoTo: notThere },
      );
      // From the moment at which the mapping exists, a hang-up removes it.
      p.arm(slot, abi.AGENT_ARM);
      p.here(notThere);
      const undo = undoHangup(task, host, [{ nr: 'munmap', args: [address, length] }]);
      task.tracer.keep(slot, undo, false);
      const result = await task.drive(p);
      const got = result.big(mapped);
      if (got === address) {
        this.own.push({ address, length, slot });
        return address;
      }
      if (got !== BigInt(-EEXIST) || attempt === RANDOM_ATTEMPTS)
        throw new VictimError(
          task.pid,
          'MAP_FAILED',
          `cannot map ${length} bytes: mmap gave ${mapFailure(got)}`,
        );
    }
  }
}

/**
 * A random address, 2 MiB aligned, between 32 and 64 TiB: programs, heaps, stacks and sanitizer shadows are elsewhere.
 */
function emptyAddress(): bigint {
  return 0x200000000000n + BigInt(Math.floor(Math.random() * 0x1000000)) * 0x200000n;
}

/** The middle of the largest gap in the address space of a task that has reserved most of it. */
function gapAddress(pid: number): bigint {
  let largest = { start: LOWEST, size: 0n };
  let end = LOWEST;
  const note = (start: bigint) => {
    if (start - end > largest.size) largest = { start: end, size: start - end };
  };
  for (const map of maps(pid)) {
    note(map.start < HIGHEST ? map.start : HIGHEST);
    if (map.end > end) end = map.end;
  }
  note(HIGHEST);
  return (largest.start + largest.size / 2n) & ~(PAGE - 1n);
}

function mapFailure(result: bigint): string {
  const errno = Number(-result);
  return { 12: 'ENOMEM', 13: 'EACCES', 1: 'EPERM', 11: 'EAGAIN', 17: 'EEXIST' }[errno] ?? String(result);
}
