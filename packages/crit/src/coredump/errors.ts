// Why no core file was made.

/** A core file that can not be made of this process, or not at this place; `pid` is the process of the checkpoint. */
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
