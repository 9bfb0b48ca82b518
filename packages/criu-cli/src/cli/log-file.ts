// The log as CRIU has it: `(00.001234) message`, `Error (criu): message`, in a file, or readable on a terminal.
import { hostname, release, type, version } from 'node:os';
import { printable, showOdd } from '@criu/native';
import { closeSync, writeSync } from '@criu/native/fs';
import type { Logger, LogLevel } from '../log.js';
import { openLog } from '../output-dir.js';
import { PLAIN, type Style } from './style.js';
import { CRIU_VERSION } from './version.js';

/** Lines are kept until the event loop turns or this many bytes are there: a frozen task must not wait for a disk. */
const BUFFER_BYTES = 1 << 16;
/** From this level on lines have a timestamp, as information is rarely read without asking when. */
const TIMESTAMP_LEVEL = 3;
const LEVEL_PREFIX = ['', 'Error (criu): ', 'Warn  (criu): ', '', ''] as const;

export interface LogTarget {
  /** Appends text; called with whole lines. */
  write(text: string): void;
  /** Where lines about one task go with `--log-pid`; absent when all are together. */
  forPid?(pid: string): LogTarget;
  close(): void;
}

/** Writes all of a text to a descriptor that may not block. */
export function writeAll(fd: number, text: string): void {
  const bytes = Buffer.from(showOdd(text));
  for (let at = 0; at < bytes.length; ) {
    try {
      at += writeSync(fd, bytes, at);
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (code === 'EAGAIN') continue;
      // A reader that is gone must not undo a dump.
      if (code === 'EPIPE') return;
      throw error;
    }
  }
}

export function descriptorTarget(fd: number): LogTarget {
  return { write: (text) => writeAll(fd, text), close() {} };
}

/** A log file made anew, readable by its owner only. @throws CriuError */
export function fileTarget(path: string, perPid: boolean): LogTarget {
  const fd = openLog(path);
  const own = new Map<string, LogTarget>();
  return {
    write(text) {
      try {
        writeAll(fd, text);
      } catch {
        // A full disk is reported by whoever writes images; a lost log line is no reason to fail.
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

/** `(00.001234) ` of microseconds since the start. */
export function timestamp(micros: number): string {
  const seconds = Math.floor(micros / 1e6);
  return `(${String(seconds).padStart(2, '0')}.${String(micros % 1e6).padStart(6, '0')}) `;
}

/** A log with a level and a place. `flush` before the process ends. */
export class FileLogger implements Logger {
  private readonly pending = new Map<LogTarget, string[]>();
  private bytes = 0;
  private scheduled = false;
  private readonly start = process.hrtime.bigint();

  constructor(
    readonly level: LogLevel,
    private readonly target: LogTarget,
    /** Of a terminal that the log is shown on. */
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

  /** First lines of a log: which program on which kernel. */
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
