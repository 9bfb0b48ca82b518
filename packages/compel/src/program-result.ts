// The result of a program: the result of each step, or the step that failed.
import { errnoName } from '@criu/native';
import type { DataRef, StepRef } from './operands.js';
import type { EncodedProgram, ProgramCode } from './program-code.js';

/** A step did not have the expected result; no later step has run. */
export class ProgramError extends Error {
  readonly code: string;
  constructor(
    readonly program: string,
    readonly step: number,
    readonly call: string,
    /** Errno of the step; 0 if the result was no errno, but unexpected. */
    readonly errno: number,
    readonly result: bigint,
    readonly label?: string,
  ) {
    super(
      `${program}: ${label ? `${label}: ` : ''}${call}: ${errno ? errnoName(errno) : `unexpected result ${result}`}`,
    );
    this.name = 'ProgramError';
    this.code = errno ? errnoName(errno) : 'UNEXPECTED_RESULT';
  }
}

/** The raw outcome of a run: results by step, the out areas, and the step at which it ended. */
export interface ProgramOutcome {
  readonly results: Buffer;
  readonly reply: Buffer;
  readonly failedAt: number;
  readonly steps: number;
  readonly fds: readonly number[];
}

/** The error for a step with this result. */
export function stepError(title: string, program: ProgramCode, index: number, result: bigint): ProgramError {
  const { name, label } = program.step(index);
  const errno = result < 0n && result >= -4095n ? Number(-result) : 0;
  return new ProgramError(title, index, name, errno, result, label);
}

/** The result of a program. @throws ProgramError if a step has failed */
export function decodeOutcome(
  title: string,
  { program }: EncodedProgram,
  outcome: ProgramOutcome,
): ProgramResult {
  const { failedAt, results } = outcome;
  if (failedAt < 0) return new ProgramResult(results, outcome.reply, outcome.fds, outcome.steps);
  throw stepError(title, program, failedAt, results.readBigInt64LE(failedAt * 8));
}

/** Results by step, out areas, and descriptors in the order of the sendFd steps. */
export class ProgramResult {
  constructor(
    private readonly results: Buffer,
    private readonly reply: Buffer,
    readonly fds: readonly number[],
    /** Number of steps that have run. */
    readonly steps: number,
  ) {}

  /** Result of a step as a signed number; exact up to 2^53. */
  value(step: StepRef): number {
    const low = this.results.readUInt32LE(step.index * 8);
    return this.results.readInt32LE(step.index * 8 + 4) * 0x100000000 + low;
  }

  /** Result of a step as a signed 64-bit word. */
  big(step: StepRef): bigint {
    return this.results.readBigInt64LE(step.index * 8);
  }

  /** Content of an out area, as a view on the reply. */
  bytes(ref: DataRef): Buffer {
    if (ref.area !== 'out') throw new TypeError('only out areas come back with the reply');
    return this.reply.subarray(ref.offset, ref.offset + ref.size);
  }
}
