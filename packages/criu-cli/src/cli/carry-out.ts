// Runs a command as a process, from its start to its end.
import { addon, NativeLoadError, sysRaw } from '@criu/native';

/**
 * V8 optimises what has run for so many bytes of bytecode, three times its default: that takes a CPU for as long as a
 * small dump, and what it optimises is soon over. What is new fills memory eight times as large before it is looked
 * through the second time: so a small dump has one or two pauses of a millisecond less, most of them while tasks stand
 * still. What is old is not looked through before its memory is nearly full: V8 would begin with that when there is
 * less left of it than what is new may fill, which is all the time.
 */
const V8_FLAGS = [
  '--interrupt-budget=400000',
  '--semi-space-growth-factor=8',
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
  if (process.execArgv.length === 0) process.once('exit', (last) => sysRaw('exit_group', last));
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
