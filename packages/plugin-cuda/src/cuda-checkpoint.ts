// The command cuda-checkpoint of NVIDIA's driver (555 or later), which moves what a process has on its GPUs into its
// memory and back: https://github.com/NVIDIA/cuda-checkpoint.
import { spawn } from 'node:child_process';

/** What the driver says of a process. */
export type CudaState = 'running' | 'locked' | 'checkpointed' | 'failed';

/**
 * - `lock`: calls of CUDA wait from now on; those that are under way are waited for
 * - `checkpoint`: memory of the GPUs is moved to that of the process, and the GPUs are let go
 * - `restore` and `unlock` are the way back
 */
export type CudaAction = 'lock' | 'checkpoint' | 'restore' | 'unlock';

interface Ended {
  readonly code: number;
  readonly output: string;
}

export class CudaCheckpoint {
  constructor(
    /** Path, or a name that is looked for. */
    private readonly command: string,
    /** Milliseconds that it may take for one thing. */
    private readonly patience: number,
  ) {}

  /** Why it cannot be used; undefined if it can. */
  async missing(): Promise<string | undefined> {
    try {
      const { output } = await this.run(['--help']);
      return output.includes('--action')
        ? undefined
        : `${this.command} has no --action: the driver is older than 555`;
    } catch (error) {
      return (error as Error).message;
    }
  }

  /** Undefined for a process that does not use CUDA. */
  async stateOf(pid: number): Promise<CudaState | undefined> {
    const { code, output } = await this.run(['--get-state', '--pid', String(pid)]);
    return code === 0 ? (output.trim() as CudaState) : undefined;
  }

  /** @throws Error with what the command said */
  async act(action: CudaAction, pid: number): Promise<void> {
    // Only this one waits for the process.
    const limit = action === 'lock' ? ['--timeout', String(this.patience)] : [];
    const { code, output } = await this.run(['--action', action, '--pid', String(pid), ...limit]);
    if (code !== 0)
      throw new Error(`cuda-checkpoint cannot ${action} process ${pid}: ${output.trim() || `code ${code}`}`);
  }

  private run(args: readonly string[]): Promise<Ended> {
    return new Promise((resolve, reject) => {
      const child = spawn(this.command, args, { stdio: ['ignore', 'pipe', 'pipe'] });
      let output = '';
      const take = (bytes: Buffer) => {
        output += bytes.toString();
      };
      child.stdout.on('data', take);
      child.stderr.on('data', take);
      const timer = setTimeout(() => {
        child.kill('SIGKILL');
        reject(new Error(`${this.command} ${args.join(' ')} has not ended after ${this.patience / 1000} s`));
      }, this.patience + 1000);
      child.once('error', (error) => {
        clearTimeout(timer);
        reject(new Error(`${this.command} cannot be started: ${error.message}`));
      });
      child.once('close', (code, signal) => {
        clearTimeout(timer);
        if (code === null) reject(new Error(`${this.command} ${args.join(' ')} was ended by ${signal}`));
        else resolve({ code, output });
      });
    });
  }
}
