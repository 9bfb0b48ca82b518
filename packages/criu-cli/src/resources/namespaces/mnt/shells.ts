// Waiting shells that run commands: starting a program from a shell is cheap, while forking this large process is slow.

import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { readlinkSync } from '@criu/native/fs';
import type { CancelSignal } from '../../../cancel.js';

export interface ShellResult {
  readonly status: number;
  /** Standard output of the command. */
  readonly said: string;
}

/** Reads one command per line; answers with its status and output, followed by a zero byte. */
const LOOP = `while IFS= read -r line; do said=$(eval "$line"); printf '%s %s\\0' $? "$said"; done`;

class Shell {
  private readonly child: ChildProcessWithoutNullStreams;
  private answer = '';
  private waiting: { resolve(result: ShellResult): void; reject(error: Error): void } | undefined;

  constructor() {
    this.child = spawn('/bin/sh', ['-c', LOOP], {
      stdio: 'pipe',
      // A process group of its own, so that the shell can be killed with its command.
      detached: true,
      env: { PATH: process.env['PATH'] ?? '/usr/sbin:/usr/bin:/sbin:/bin', LC_ALL: 'C' },
    });
    this.child.stdout.setEncoding('utf8').on('data', (text: string) => this.read(text));
    const failed = (error: Error): void => {
      this.waiting?.reject(error);
      this.waiting = undefined;
    };
    this.child.stdin.on('error', failed);
    this.child.on('error', failed);
    this.child.on('close', () => failed(new Error('the shell has ended')));
  }

  get free(): boolean {
    return this.waiting === undefined;
  }

  run(command: string): Promise<ShellResult> {
    return new Promise((resolve, reject) => {
      this.waiting = { resolve, reject };
      this.child.stdin.write(`${command}\n`);
    });
  }

  end(): void {
    this.child.stdin.end();
  }

  /** Kills the shell and its command. */
  kill(): void {
    const { pid, exitCode, signalCode } = this.child;
    if (pid === undefined || exitCode !== null || signalCode !== null) return;
    try {
      process.kill(-pid, 'SIGKILL');
    } catch {
      // It has ended meanwhile.
    }
  }

  private read(text: string): void {
    this.answer += text;
    const end = this.answer.indexOf('\0');
    if (end < 0) return;
    const space = this.answer.indexOf(' ');
    const result = { status: Number(this.answer.slice(0, space)), said: this.answer.slice(space + 1, end) };
    this.answer = this.answer.slice(end + 1);
    const { waiting } = this;
    this.waiting = undefined;
    waiting?.resolve(result);
  }
}

export class Shells {
  private readonly all: Shell[] = [];
  private own: string | undefined;

  /**
   * @param most largest number of simultaneous commands, which the caller ensures
   * @param signal kills the shells with their commands
   */
  constructor(
    private readonly most: number,
    private readonly signal: CancelSignal | undefined,
  ) {
    signal?.addEventListener('abort', this.kill, { once: true });
  }

  /** The path under which a command finds a descriptor of ours. */
  path(fd: number): string {
    // The pid as in /proc, which may be that of another pid namespace.
    this.own ??= readlinkSync('/proc/self').toString();
    return `/proc/${this.own}/fd/${fd}`;
  }

  /** Runs a line of sh(1). @throws the error of starting a shell */
  run(command: string): Promise<ShellResult> {
    if (this.signal?.aborted) throw this.signal.reason;
    let shell = this.all.find((one) => one.free);
    if (!shell) {
      if (this.all.length >= this.most) throw new Error('more commands at a time than there are shells');
      shell = new Shell();
      this.all.push(shell);
    }
    return shell.run(command);
  }

  private readonly kill = (): void => {
    for (const shell of this.all) shell.kill();
  };

  /** Ends the shells when their commands have finished. */
  end(): void {
    this.signal?.removeEventListener('abort', this.kill);
    for (const shell of this.all.splice(0)) shell.end();
  }
}
