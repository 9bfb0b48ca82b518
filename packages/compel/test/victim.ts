// Victims for the tests: C programs that are compiled when they are needed, and started with a pipe for their words.
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const isRoot = process.getuid?.() === 0;

/** Waits for something that will be so soon, and gives it. */
export async function until<T>(what: string, look: () => T | undefined | false): Promise<T> {
  for (const deadline = Date.now() + 15_000; Date.now() < deadline; ) {
    const found = look();
    if (found !== undefined && found !== false) return found;
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  throw new Error(`not in time: ${what}`);
}

/** A folder for one test file, with what it compiled. */
export class Lab {
  readonly dir = mkdtempSync(join(tmpdir(), 'compel-'));
  private readonly victims: Victim[] = [];

  constructor() {
    // Victims of other users have to get at their programs.
    chmodSync(this.dir, 0o755);
  }

  private readonly built = new Set<string>();

  build(name: string, ...flags: string[]): string {
    const out = join(this.dir, name);
    if (!this.built.has(name)) {
      const source = fileURLToPath(new URL(`victims/${name}.c`, import.meta.url));
      execFileSync('cc', ['-O1', '-g', '-Wall', '-pthread', '-o', out, source, ...flags]);
      this.built.add(name);
    }
    return out;
  }

  /** Starts a program and waits for its first line. */
  async start(program: string, ...args: string[]): Promise<Victim> {
    const victim = new Victim(spawn(program, args, { stdio: ['pipe', 'pipe', 'inherit'] }));
    this.victims.push(victim);
    await victim.line();
    return victim;
  }

  async victim(name: string, ...args: string[]): Promise<Victim> {
    return this.start(this.build(name), ...args);
  }

  close(): void {
    for (const v of this.victims) v.child.kill('SIGKILL');
    rmSync(this.dir, { recursive: true });
  }
}

export class Victim {
  private text = '';
  private readonly waiters: (() => void)[] = [];
  private ended = false;
  readonly exit: Promise<{ code: number | null; signal: string | null }>;

  constructor(readonly child: ChildProcess) {
    child.stdout!.setEncoding('utf8').on('data', (chunk: string) => {
      this.text += chunk;
      this.wake();
    });
    child.stdout!.on('end', () => {
      this.ended = true;
      this.wake();
    });
    this.exit = new Promise((resolve) => child.on('exit', (code, signal) => resolve({ code, signal })));
  }

  private wake(): void {
    for (const w of this.waiters.splice(0)) w();
  }

  get pid(): number {
    return this.child.pid!;
  }

  /** Its next line. */
  async line(): Promise<string> {
    for (;;) {
      const end = this.text.indexOf('\n');
      if (end >= 0) {
        const line = this.text.slice(0, end);
        this.text = this.text.slice(end + 1);
        return line;
      }
      if (this.ended) throw new Error(`the victim ended; it said "${this.text}"`);
      await new Promise<void>((resolve) => this.waiters.push(resolve));
    }
  }

  /** Asks it for its verdict: closes its standard input. */
  async verdict(): Promise<string> {
    this.child.stdin!.end();
    return this.line();
  }
}
