// The log in CRIU's format: `(00.001234) message`, `Error (criu): message`, in a file or on a terminal.
import { hostname, release, type, version } from 'node:os';
import { printable, showOdd } from '@criu/native';
import { closeSync, writeSync } from '@criu/native/fs';
import type { Logger, LogLevel } from '../log.js';
import { openLog } from '../output-dir.js';
import { PLAIN, type Style } from './style.js';
import { CRIU_VERSION } from './version.js';

/** Lines are buffered until the event loop turns, or up to this many bytes: a stopped task must not wait for a disk. */
const BUFFER_BYTES = 1 << 16;
/** Log level from which on lines get a timestamp. */
const TIMESTAMP_LEVEL = 3;
const LEVEL_PREFIX = ['', 'Error (criu): ', 'Warn  (criu): ', '', ''] as const;

export interface LogTarget {
  /** Appends text, which consists of whole lines. */
  write(text: string): void;
  /** The target for lines about one task with `--log-pid`; undefined if all lines go to one file. */
  forPid?(pid: string): LogTarget;
  close(): void;
}

/** Writes all of a text to a descriptor, which may be non-blocking. */
export function writeAll(fd: number, text: string): void {
  const bytes = Buffer.from(showOdd(text));
  for (let at = 0; at < bytes.length; ) {
    try {
      at += writeSync(fd, bytes, at);
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (code === 'EAGAIN') continue;
      // A closed pipe must not make a dump fail.
      if (code === 'EPIPE') return;
      throw error;
    }
  }
}

export function descriptorTarget(fd: number): LogTarget {
  return { write: (text) => writeAll(fd, text), close() {} };
}

/** Creates a log file that only its owner can read. @throws CriuError */
export function fileTarget(path: string, perPid: boolean): LogTarget {
  const fd = openLog(path);
  const own = new Map<string, LogTarget>();
  return {
    write(text) {
      try {
        writeAll(fd, text);
      } catch {
        // A full disk is reported when images are written; a lost log line is no reason to fail.
      }
    },
    ...(perPid
      ? {
          forPid(pid: string) {
            const target = own.get(pid) ?? fileTarget(`${path}.${pid}`, false);
            own.set(pid, target);
            return target;
          },
        }
      : {}),
    close() {
      closeSync(fd);
      for (const target of own.values()) target.close();
    },
  };
}

/** Microseconds since the start as `(00.001234) `. */
export function timestamp(micros: number): string {
  const seconds = Math.floor(micros / 1e6);
  return `(${String(seconds).padStart(2, '0')}.${String(micros % 1e6).padStart(6, '0')}) `;
}

/** A logger with a level and a target. Call `flush` before the process ends. */
export class FileLogger implements Logger {
  private readonly pending = new Map<LogTarget, string[]>();
  private bytes = 0;
  private scheduled = false;
  private readonly start = process.hrtime.bigint();

  constructor(
    readonly level: LogLevel,
    private readonly target: LogTarget,
    /** Colours, if the log goes to a terminal. */
    private readonly style: Style = PLAIN,
  ) {}

  error(message: string): void {
    this.line(1, message);
  }
  warn(message: string): void {
    this.line(2, message);
  }
  info(message: string): void {
    this.line(3, message);
  }
  debug(message: string): void {
    this.line(4, message);
  }

  /** Writes the first lines of a log: version and kernel. */
  banner(): void {
    this.info(`Version: ${CRIU_VERSION} (TypeScript, Node ${process.version})`);
    this.info(`Running on ${hostname()} ${type()} ${release()} ${version()} ${process.arch}`);
  }

  private line(level: LogLevel, message: string): void {
    if (level > this.level) return;
    const stamp =
      this.level >= TIMESTAMP_LEVEL ? timestamp(Number((process.hrtime.bigint() - this.start) / 1000n)) : '';
    const [, pid] = (this.target.forPid && /^\s*(\d+): /.exec(message)) ?? [];
    const target = (pid !== undefined && this.target.forPid?.(pid)) || this.target;
    const text = `${stamp}${this.prefix(level)}${printable(message).replaceAll('\n', '\n    ')}\n`;
    const lines = this.pending.get(target) ?? [];
    lines.push(text);
    this.pending.set(target, lines);
    this.bytes += text.length;
    if (this.bytes >= BUFFER_BYTES) this.flush();
    else if (!this.scheduled) {
      this.scheduled = true;
      setImmediate(() => this.flush());
    }
  }

  private prefix(level: LogLevel): string {
    const text = LEVEL_PREFIX[level];
    if (level === 1) return this.style.error(text);
    return level === 2 ? this.style.warning(text) : text;
  }

  flush(): void {
    this.scheduled = false;
    this.bytes = 0;
    for (const [target, lines] of this.pending) target.write(lines.join(''));
    this.pending.clear();
  }

  close(): void {
    this.flush();
    this.target.close();
  }
}
