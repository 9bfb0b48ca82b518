// Plugin for processes that use CUDA: moves their state on GPUs into their memory before they are stopped, so that the
// dump contains it, and back when they run again.
import { existsSync } from 'node:fs';
import type { Plugin, PluginContext } from '@criu/cli';
import { CudaCheckpoint, type CudaState } from './cuda-checkpoint.js';

const GPUS = '/proc/driver/nvidia/gpus';
/** Limit for one call of cuda-checkpoint in milliseconds. */
const PATIENCE = 10_000;

/** A process, its state before, and the steps done with it. */
interface Held {
  readonly pid: number;
  readonly before: CudaState;
  checkpointed: boolean;
}

let context: PluginContext | undefined;
let cuda: CudaCheckpoint | undefined;
const held: Held[] = [];

const note = (text: string) => context?.log('info', text);

/** Reverts a process to its former state, or to running if it comes from images. @throws Error */
async function letGo({ pid, before, checkpointed }: Held): Promise<void> {
  if (checkpointed) await cuda?.act('restore', pid);
  if (before === 'running') await cuda?.act('unlock', pid);
  note(`process ${pid} has its GPUs again`);
}

/** Reverts all processes, also after a failure. @throws Error naming each failed process */
async function letAllGo(): Promise<void> {
  const failures: string[] = [];
  for (const one of held.splice(0).reverse()) {
    try {
      await letGo(one);
    } catch (error) {
      failures.push((error as Error).message);
    }
  }
  if (failures.length > 0) throw new Error(failures.join('; '));
}

/** Locks a process. A lock that succeeds only after the time limit is reverted. @throws Error */
async function lock(pid: number): Promise<void> {
  try {
    await cuda?.act('lock', pid);
  } catch (error) {
    if ((await cuda?.stateOf(pid)) === 'locked') await cuda?.act('unlock', pid);
    throw error;
  }
}

/** Locks and checkpoints a process; after a failure it is in its former state. @throws Error */
async function hold(pid: number): Promise<boolean> {
  const before = await cuda?.stateOf(pid);
  if (before === undefined) return false;
  if (before === 'failed') throw new Error(`the driver says that CUDA of process ${pid} has failed`);
  const one: Held = { pid, before, checkpointed: false };
  if (before === 'running') await lock(pid);
  held.push(one);
  if (before === 'checkpointed') return true;
  try {
    await cuda?.act('checkpoint', pid);
  } catch (error) {
    held.pop();
    await letGo(one);
    throw error;
  }
  one.checkpointed = true;
  note(`process ${pid}: what it had on GPUs is in its memory`);
  return true;
}

const plugin: Plugin = {
  // The name of CRIU's plugin, so that each can restore dumps of the other.
  name: 'cuda_plugin',
  version: '0.1.0',
  api: 1,
  async init(given) {
    context = given;
    // A pre-dump would store the moved memory, which the dump stores again.
    if (given.stage === 'pre-dump') return;
    const named = process.env['CUDA_CHECKPOINT'];
    if (named === undefined && !existsSync(GPUS)) {
      note('there is no GPU: nothing to do');
      return;
    }
    const found = new CudaCheckpoint(
      named ?? 'cuda-checkpoint',
      Number(process.env['CUDA_TIMEOUT'] ?? PATIENCE),
    );
    const why = await found.missing();
    if (why === undefined) cuda = found;
    else given.log('warn', `CUDA is left alone: ${why}`);
  },

  hooks: {
    // Called while the process still runs, since its own thread does the work.
    pauseDevices: async ({ pid }) => (cuda === undefined ? false : await hold(pid)),

    async resumeDevicesLate({ pid }) {
      if (cuda === undefined) return false;
      const state = await cuda.stateOf(pid);
      if (state !== 'checkpointed') return false;
      held.push({ pid, before: 'running', checkpointed: true });
      return true;
    },
  },

  // The processes run and get their GPUs back: after a dump that has failed or leaves them running, and after a
  // restore.
  async exit({ ok, running }) {
    if (running && (ok || context?.stage === 'dump')) await letAllGo();
  },
};

export default plugin;
