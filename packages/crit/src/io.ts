// Files and standard streams for the commands, with synchronous calls.
import { Buffer } from 'node:buffer';
import { closeSync, openSync, readSync, writeSync } from 'node:fs';
import { fileChunks, ImageError, pathArg, showOdd, systemReason } from '@criu/images';

const CHUNK = 256 * 1024;
const STDIN = 0;
const STDOUT = 1;

/** An impossible command line. The message is for the user. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
  constructor(
    message: string,
    /** Advice for the user. */
    readonly advice?: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}

/** A failure with an exit code of its own. */
export class CommandFailure extends Error {
  override readonly name = 'CommandFailure';
  constructor(
    readonly exitCode: number,
    override readonly cause: unknown,
  ) {
    super(String(cause));
  }
}

/** The bytes of a file, or of standard input, in pieces. */
export function* input(path: string | undefined): Generator<Buffer, void, undefined> {
  if (path !== undefined) {
    yield* fileChunks(path);
    return;
  }
  for (;;) {
    const buffer = Buffer.allocUnsafeSlow(CHUNK);
    const size = retry(() => readSync(STDIN, buffer, 0, CHUNK, null), 'standard input');
    if (size === 0) return;
    yield buffer.subarray(0, size);
  }
}

/** Collects text and bytes and writes them in large pieces to a file or to standard output. */
export class Output {
  readonly isStdout: boolean;
  private readonly fd: number;
  private readonly name: string;
  private text: string[] = [];
  private size = 0;

  constructor(path: string | undefined) {
    this.isStdout = path === undefined;
    this.name = path ?? 'standard output';
    this.fd = path === undefined ? STDOUT : openOutput(path);
  }

  write(text: string): void {
    this.text.push(text);
    this.size += text.length;
    if (this.size >= CHUNK) this.flush();
  }

  writeBytes(bytes: Uint8Array): void {
    this.flush();
    for (let done = 0; done < bytes.length; ) {
      done += retry(() => writeSync(this.fd, bytes, done, bytes.length - done), this.name);
    }
  }

  close(): void {
    this.flush();
    if (!this.isStdout) closeSync(this.fd);
  }

  private flush(): void {
    if (this.size === 0) return;
    const bytes = Buffer.from(showOdd(this.text.join('')));
    this.text = [];
    this.size = 0;
    this.writeBytes(bytes);
  }
}

/** Repeats a call on a terminal or pipe that is non-blocking, after a short pause. */
function retry<T>(action: () => T, name: string): T {
  for (;;) {
    try {
      return action();
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (code === 'EAGAIN') {
        Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 5);
        continue;
      }
      // The reader of the output has exited, as `head` does. This is no error.
      if (code === 'EPIPE') process.exit(0);
      throw new ImageError('io', `can not be used: ${systemReason(error)}`, name, 0, { cause: error });
    }
  }
}

/** @throws UsageError if the file cannot be created */
function openOutput(path: string): number {
  try {
    return openSync(pathArg(path), 'w');
  } catch (error) {
    const advice = 'name a file to write to with -o, in a directory that is there and that you may write to';
    throw new UsageError(`${path}: can not be written to: ${systemReason(error)}`, advice, { cause: error });
  }
}

/**
 * JSON of data, with addresses in hexadecimal, and other bigints as numbers, or as texts if a number would be inexact.
 */
export function dataJson(data: unknown): string {
  const addresses = new Set(['start', 'end', 'address']);
  const replace = (key: string, value: unknown): unknown => {
    if (typeof value !== 'bigint') return value;
    if (addresses.has(key)) return `0x${value.toString(16)}`;
    return value <= BigInt(Number.MAX_SAFE_INTEGER) ? Number(value) : value.toString();
  };
  return `${JSON.stringify(data, replace, 2)}\n`;
}

/** Joins pieces; a single piece is returned without a copy. */
export function joined(pieces: readonly Buffer[]): Buffer {
  const [first] = pieces;
  return first !== undefined && pieces.length === 1 ? first : Buffer.concat(pieces);
}
