// A slot carries a descriptor from the task that creates it to the tasks that use it.
import { close } from '@criu/native';
import { CriuError } from '../errors.js';

/** A descriptor that one task creates and other tasks receive, by way of this process. */
export class Slot {
  private waiting: { resolve(): void; reject(error: Error): void }[] = [];
  private fd: number | undefined;
  private failure: Error | undefined;

  constructor(readonly name: string) {}

  get filled(): boolean {
    return this.fd !== undefined;
  }

  /** Resolves when the slot is filled. @throws the error given to `fail` */
  async ready(): Promise<void> {
    if (this.failure) throw this.failure;
    if (this.fd !== undefined) return;
    await new Promise<void>((resolve, reject) => this.waiting.push({ resolve, reject }));
  }

  /** Number of the descriptor in this process. @throws CriuError INTERNAL if the slot is not filled */
  get value(): number {
    if (this.fd === undefined) throw new CriuError('INTERNAL', `${this.name} is not there`);
    return this.fd;
  }

  fill(fd: number): void {
    this.fd = fd;
    for (const { resolve } of this.waiting.splice(0)) resolve();
  }

  /** Marks the slot as never to be filled, and rejects all waiting promises. */
  fail(error: Error): void {
    this.failure ??= error;
    for (const { reject } of this.waiting.splice(0)) reject(error);
  }

  /** Closes the copy of this process, once all tasks have received theirs. */
  drop(): void {
    if (this.fd !== undefined) close(this.fd);
    this.fd = undefined;
  }
}
