// The program cuda-checkpoint of NVIDIA's driver (555 or later), which moves the state of a process on its GPUs into
// its memory and back: https://github.com/NVIDIA/cuda-checkpoint.
import { spawn } from 'node:child_process';

/** State of a process according to the driver. */
export type CudaState = 'running' | 'locked' | 'checkpointed' | 'failed';

/**
 * Actions of cuda-checkpoint:
 * - `lock`: blocks further CUDA calls and waits for those in progress
 * - `checkpoint`: moves the memory of the GPUs to that of the process and releases the GPUs
 * - `restore` and `unlock` revert these
 */
export type CudaAction = 'lock' | 'checkpoint' | 'restore' | 'unlock';

interface Ended {
  readonly code: number;
  readonly output: string;
}

export class CudaCheckpoint {
  constructor(
    /** Path, or a name to search in PATH. */
    private readonly command: string,
    /** Limit for one call in milliseconds. */
    private readonly patience: number,
  ) {}

  /** The reason why cuda-checkpoint is unusable; undefined if it works. */
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

  /** The state of a process; undefined if it does not use CUDA. */
  async stateOf(pid: number): Promise<CudaState | undefined> {
    const { code, output } = await this.run(['--get-state', '--pid', String(pid)]);
    return code === 0 ? (output.trim() as CudaState) : undefined;
  }

  /** @throws Error with the output of the command */
  async act(action: CudaAction, pid: number): Promise<void> {
    // Only `lock` waits for the process.
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
