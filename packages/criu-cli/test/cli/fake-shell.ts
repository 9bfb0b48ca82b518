// A shell whose engine does nothing, and which keeps what was printed.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Engine } from '../../src/cli/engine.js';
import { run } from '../../src/cli/run.js';
import type { Shell } from '../../src/cli/shell.js';
import { PLAIN } from '../../src/cli/style.js';
import type { CheckResult } from '../../src/features/index.js';
import type { DumpOptions, DumpStats, RestoreOptions, RestoreStats } from '../../src/options.js';
import { noEngine } from '../no-engine.js';

export const DUMP_STATS: DumpStats = {
  freezingTime: 101,
  frozenTime: 20202,
  memdumpTime: 303,
  memwriteTime: 404,
  pagesScanned: 1000,
  pagesSkippedParent: 5,
  pagesWritten: 255,
};
export const RESTORE_STATS: RestoreStats = {
  pagesCompared: 1,
  pagesSkippedCow: 2,
  forkingTime: 30,
  restoreTime: 400,
  pagesRestored: 255,
};

export interface Outcome {
  readonly code: number;
  readonly out: string;
  readonly err: string;
  readonly dumped: readonly DumpOptions[];
  readonly restored: readonly RestoreOptions[];
  /** Directory that images and logs were in; gone after the test. */
  readonly dir: string;
  readonly chdirs: readonly string[];
}

export interface FakeOptions {
  readonly engine?: Partial<Engine>;
  readonly env?: Shell['env'];
  readonly terminal?: number;
  readonly style?: Shell['style'];
  readonly uid?: number;
  readonly check?: (names: readonly string[]) => AsyncIterable<CheckResult>;
  /** Called with the function that ^C calls. */
  readonly onInterrupt?: (interrupt: (signal: string) => void) => void;
}

const dirs: string[] = [];

export function scratch(): string {
  const dir = mkdtempSync(join(tmpdir(), 'criu-cli-'));
  dirs.push(dir);
  return dir;
}

export function cleanUp(): void {
  for (const dir of dirs.splice(0)) rmSync(dir, { recursive: true, force: true });
}

/** Runs `criu` with these arguments; `DIR` among them is a fresh directory. */
export async function criu(args: readonly string[], fake: FakeOptions = {}): Promise<Outcome> {
  const dir = scratch();
  const printed = { out: '', err: '' };
  const dumped: DumpOptions[] = [];
  const restored: RestoreOptions[] = [];
  const chdirs: string[] = [];
  const shell: Shell = {
    argv: args.map((a) => a.replace(/(?<=^(?:-\w|--[\w-]+=)?)DIR$/, dir)),
    env: { ...fake.env },
    uid: fake.uid ?? 0,
    version: '0.0.0',
    engine: {
      ...noEngine,
      async dump(options) {
        dumped.push(options);
        return fake.engine?.dump?.(options) ?? { pid: options.pid, tasks: 1, stats: DUMP_STATS };
      },
      async preDump(options) {
        dumped.push(options);
        return fake.engine?.preDump?.(options) ?? { pid: options.pid, tasks: 1, stats: DUMP_STATS };
      },
      async restore(options) {
        restored.push(options);
        return fake.engine?.restore?.(options) ?? { pid: 77, stats: RESTORE_STATS };
      },
      async survey(options, looks) {
        restored.push(options);
        const found = await fake.engine?.survey?.(options, looks);
        if (!found) throw new Error('no checkpoint to look at');
        return found;
      },
    },
    stdout(text) {
      printed.out += text;
    },
    stderr(text) {
      printed.err += text;
    },
    terminal: fake.terminal,
    style: fake.style ?? { out: PLAIN, err: PLAIN },
    chdir: (to) => void chdirs.push(to),
    async exec(command) {
      throw new Error(`exec ${command.join(' ')}`);
    },
    atExit: () => undefined,
    onInterrupt(interrupt) {
      fake.onInterrupt?.(interrupt);
      return () => undefined;
    },
    async *check(names) {
      if (fake.check) yield* fake.check(names);
    },
  };
  const code = await run(shell);
  return { code, ...printed, dumped, restored, dir, chdirs };
}
