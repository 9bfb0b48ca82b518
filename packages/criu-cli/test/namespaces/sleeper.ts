// A task that does nothing, in a network namespace of its own, for each test of a file.
import { type ChildProcess, execFileSync, type SpawnSyncReturns, spawn, spawnSync } from 'node:child_process';
import { afterEach, beforeEach } from 'vitest';
import { isRoot } from '../dump/victim.js';
import { until } from '../support.js';

export const hasIp = isRoot && spawnSync('ip', ['-V']).status === 0;

export interface Sleeper {
  readonly pid: number;
  /** Runs a command in its network namespace. */
  inside(...command: string[]): SpawnSyncReturns<string>;
}

/** To be called where tests are described. */
export function sleeper(): Sleeper {
  let task: ChildProcess;
  let pid = 0;
  beforeEach(async () => {
    task = spawn('unshare', ['-n', 'sleep', '1000'], { detached: true, stdio: 'ignore' });
    pid = task.pid ?? 0;
    await until(
      'it sleeps',
      () => execFileSync('cat', [`/proc/${pid}/comm`], { encoding: 'utf8' }) === 'sleep\n',
    );
  });
  afterEach(() => {
    task.kill('SIGKILL');
    spawnSync('kill', ['-9', `${pid}`]);
  });
  return {
    get pid() {
      return pid;
    },
    inside: (...command) => spawnSync('nsenter', ['-t', `${pid}`, '-n', ...command], { encoding: 'utf8' }),
  };
}
