// Programs that are dumped: compiled here, started in a session of their own, asked to look at themselves, and ended.
import { type ChildProcess, execFileSync, spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const isRoot = process.getuid?.() === 0;
/** Path of a CRIU 4.2 binary to compare with, from the environment. */
export const peer = process.env.CRIU_PEER;

const built = new Map<string, string>();
let folder: string | undefined;

/** A folder of this test file for everything it makes. */
export function scratch(): string {
  folder ??= mkdtempSync(join(tmpdir(), 'criu-dump-'));
  return folder;
}

export function cleanUp(): void {
  if (folder) rmSync(folder, { recursive: true, force: true });
  folder = undefined;
}

function build(name: string, source: URL): string {
  let path = built.get(name);
  if (!path) {
    path = join(scratch(), name);
    execFileSync('cc', ['-O1', '-w', '-pthread', '-o', path, fileURLToPath(source)]);
    built.set(name, path);
  }
  return path;
}

/**
 * Shell commands for a mount namespace of a victim's own: what others have mounted on the machine does not stay in it, but for what
 * is above `keep`. A dump would have the content of their files in memory, which may be large, and refuse the namespaces that
 * they have names for (`ip netns add`); the points of their binds may be gone by the time of a restore.
 */
export function leaveOthers(keep = '/none'): string {
  // The kernel's list leaves mounts out while others are taken away: it is read to its end before.
  return `while read -r _ place type _; do
    case "$type:${keep}/" in
      nsfs:*) umount -l "$place" ;;
      *:"$place"/*) ;;
      tmpfs:*) umount -l "$place" ;;
      *) [ "$place" = / ] || [ "$(stat -c %d "$place")" != "$(stat -c %d /)" ] || umount -l "$place" ;;
    esac
  done <<ALL
$(cat /proc/self/mounts)
ALL`;
}

let started = 0;

export class Victim {
  private constructor(
    readonly child: ChildProcess,
    readonly pid: number,
    private readonly result: string,
  ) {}

  /** Starts a victim and waits until it says that all is set up. */
  static async start(
    name: string,
    env: Record<string, string> = {},
    source = new URL(`victims/${name}.c`, import.meta.url),
    /** Command that starts it. */
    wrapper: readonly string[] = [],
    /** Descriptors of ours that it has as 3, 4 … */
    more: readonly number[] = [],
  ): Promise<Victim> {
    started += 1;
    const base = join(scratch(), `${name}-${started}`);
    const out = openSync(`${base}.out`, 'a');
    const [command, ...args] = [...wrapper, build(name, source)];
    const child = spawn(command!, args, {
      detached: true,
      stdio: ['ignore', out, out, ...more],
      env: {
        ...process.env,
        RESULT: `${base}.tmp`,
        RESULT_DONE: `${base}.result`,
        GHOST: `${base}.ghost`,
        ...env,
      },
    });
    const victim = new Victim(child, child.pid!, `${base}.result`);
    await victim.answer('ready\n');
    return victim;
  }

  private async answer(expected?: string, mustLive = false): Promise<string> {
    for (const deadline = Date.now() + 20_000; Date.now() < deadline; ) {
      // What it said before it ended is there when it has ended.
      const ended = mustLive && (this.state ?? 'Z') === 'Z';
      if (existsSync(this.result)) {
        const text = readFileSync(this.result, 'utf8');
        rmSync(this.result);
        if (expected !== undefined && text !== expected) throw new Error(`victim says ${text}`);
        return text;
      }
      if (ended) throw new Error(`victim ${this.pid} has ended`);
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
    throw new Error(`victim ${this.pid} does not answer`);
  }

  /** What the victim finds when it looks at itself: `ok` if all is as it was. */
  async verify(): Promise<string> {
    process.kill(this.pid, 'SIGUSR1');
    return (await this.answer(undefined, true)).trim();
  }

  /** What it says next, without being asked by SIGUSR1. */
  async said(): Promise<string> {
    return (await this.answer()).trim();
  }

  /** Letter of the state in /proc; undefined if it is gone. */
  get state(): string | undefined {
    try {
      return /^State:\s+(\S)/m.exec(readFileSync(`/proc/${this.pid}/status`, 'utf8'))?.[1];
    } catch {
      return undefined;
    }
  }

  get tracer(): number {
    return Number(/^TracerPid:\s+(\d+)/m.exec(readFileSync(`/proc/${this.pid}/status`, 'utf8'))?.[1]);
  }

  /** Waits until it is gone and its pid is free. */
  async gone(): Promise<void> {
    if (this.child.exitCode !== null || this.child.signalCode !== null) return;
    await new Promise((resolve) => this.child.once('exit', resolve));
  }

  /** Ends it and what it has started. */
  async end(): Promise<void> {
    const session = spawnSync('ps', ['-eo', 'pid=,sid=,ppid='], { encoding: 'utf8' }).stdout;
    const family = new Set([this.pid]);
    const rows = session.split('\n').map((line) => line.trim().split(/\s+/).map(Number));
    for (let size = 0; size !== family.size; ) {
      size = family.size;
      for (const [pid, sid, ppid] of rows) if (family.has(sid!) || family.has(ppid!)) family.add(pid!);
    }
    for (const pid of family) {
      try {
        process.kill(pid, 'SIGKILL');
      } catch {
        // Gone already.
      }
    }
    await this.gone();
  }
}
