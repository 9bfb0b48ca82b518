// Operations of semop(2) that shift a task's adjustment of a semaphore and leave the semaphore itself as it is.
import { IPC_NOWAIT, SEM_UNDO, sembuf } from '@criu/native/uapi';

/** Largest value of a semaphore, and of an adjustment (SEMVMX, SEMAEM); the least adjustment is one less than its negative. */
export const LARGEST = 32767;
/** From 0 to half of it there is room for a shift upwards, above it for one downwards. */
const SHIFT = 16383;

/** An operation: number of the semaphore in its set, what is added to it, and whether the task's end undoes it. */
export interface Operation {
  readonly num: number;
  readonly add: number;
  readonly undo?: boolean;
}

/** An array of struct sembuf; no operation waits. */
export function encode(operations: readonly Operation[]): Buffer {
  const bytes = Buffer.alloc(operations.length * sembuf.sizeof);
  for (const [i, { num, add, undo }] of operations.entries()) {
    const at = i * sembuf.sizeof;
    bytes.writeUInt16LE(num, at + sembuf.sem_num);
    bytes.writeInt16LE(add, at + sembuf.sem_op);
    bytes.writeInt16LE(undo ? IPC_NOWAIT | SEM_UNDO : IPC_NOWAIT, at + sembuf.sem_flg);
  }
  return bytes;
}

/** Operations that shift the adjustment of a semaphore whose value is `value` by `by`; they fail at the first step out of range. */
export function shift(num: number, value: number, by: number): Operation[] {
  const operations: Operation[] = [];
  for (let left = Math.abs(by); left > 0; ) {
    const step = Math.min(left, SHIFT) * (value <= SHIFT ? 1 : -1);
    left -= Math.abs(step);
    // The kernel subtracts from the adjustment what it adds to the semaphore.
    const undoFirst = step > 0 === by < 0;
    operations.push({ num, add: step, undo: undoFirst }, { num, add: -step, undo: !undoFirst });
  }
  return operations;
}

/** Two operations of which one always fails: all that stands before them in the same call is taken back. */
export function never(num: number): Operation[] {
  return [
    { num, add: 0 },
    { num, add: -1 },
  ];
}
