// What the wait status of a process says, in words.
import { constants } from 'node:os';

const SIGNALS = new Map(Object.entries(constants.signals).map(([name, number]) => [number, name]));

export function whenEnded(status: number): string {
  const signal = status & 0x7f;
  if (signal === 0) return `the pager ended with ${(status >> 8) & 0xff}`;
  return `the pager was ended by ${SIGNALS.get(signal) ?? `signal ${signal}`}`;
}
