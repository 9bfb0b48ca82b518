// Errors of writing core files.

/** No core file can be made of a process, or not at this path. `pid` is the pid in the checkpoint. */
export class CoreDumpError extends Error {
  override readonly name = 'CoreDumpError';
  constructor(
    readonly pid: number,
    reason: string,
    options?: ErrorOptions,
  ) {
    super(`process ${pid}: ${reason}`, options);
  }
}
