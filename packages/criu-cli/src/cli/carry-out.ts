// Runs a command as a process, from its start to its end.
import { addon, NativeLoadError, sysRaw } from '@criu/native';
import { NODE_FLAGS } from './own-process.js';

/** V8 has no such flag any more, of which it would complain, since some version after 11.3 (node 20). */
const INTERRUPT_BUDGET = Number.parseInt(process.versions.v8, 10) < 12;
/**
 * Flags for a process that runs for a short time:
 * - The interrupt budget, in bytes of executed bytecode before optimisation, is three times the default: optimising
 *   uses a CPU for as long as a small dump takes, and the optimised code runs only briefly.
 * - Incremental marking of old objects starts only when their space is almost full. By default it starts when less of
 *   it is free than the new objects may fill, which is always the case here.
 */
export const V8_FLAGS = [
  ...(INTERRUPT_BUDGET ? ['--interrupt-budget=400000'] : []),
  '--incremental-marking-soft-trigger=95',
  '--incremental-marking-hard-trigger=95',
  '--no-minor-gc-task',
].join(' ');

/**
 * Ends the process at once: Node's own teardown takes 3 ms, and the kernel frees everything in any case. A node with
 * options of its own (`--cpu-prof`) may have files to write at exit, so it is left alone.
 */
function end(code: number): void {
  // Registered last, so that it runs after all other exit handlers.
  if (process.execArgv.every((option) => NODE_FLAGS.includes(option)))
    process.once('exit', (last) => sysRaw('exit_group', last));
  process.exit(code);
}

/**
 * @param kept V8's compiled code is cached for later runs; the cache is valid only for the flags it was compiled with
 * @param work returns the exit code
 */
export function carryOut(command: string, kept: boolean, work: () => Promise<number>): void {
  const begin = async (): Promise<number> => {
    if (!kept) addon().setV8Flags(V8_FLAGS);
    return work();
  };
  begin().then(end, (error) => {
    // No stack trace for a machine on which the native part does not run.
    if (!(error instanceof NativeLoadError)) {
      console.error(error);
      return end(1);
    }
    console.error(`${command}: ${error.message} [${error.code}]`);
    process.exit(1);
  });
}
