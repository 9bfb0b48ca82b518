// From the start of a command as a process to its end.
import { addon, NativeLoadError, sysRaw } from '@criu/native';

/**
 * V8 optimises what has run for so many bytes of bytecode, three times its default: that takes a CPU for as long as a small
 * dump, and what it optimises is soon over. What is new fills memory eight times as large before it is looked through the second
 * time: so a small dump has one or two pauses of a millisecond less, most of them while tasks stand still. What is old is not
 * looked through before its memory is nearly full: V8 would begin with that when there is less left of it than what is new may fill,
 * which is all the time.
 */
const V8_FLAGS = [
  '--interrupt-budget=400000',
  '--semi-space-growth-factor=8',
  '--incremental-marking-soft-trigger=95',
  '--incremental-marking-hard-trigger=95',
  '--no-minor-gc-task',
].join(' ');

/**
 * Ends at once: node would take itself apart for 3 ms, and the kernel does it in any case. A node that was given options of its own
 * (`--cpu-prof`) may have something to write at its end.
 */
function end(code: number): void {
  // After all others who want to know.
  if (process.execArgv.length === 0) process.once('exit', (last) => sysRaw('exit_group', last));
  process.exit(code);
}

/**
 * @param kept what V8 compiles is kept for later runs, and it takes that only with the flags that it was compiled with
 * @param work its exit code
 */
export function carryOut(command: string, kept: boolean, work: () => Promise<number>): void {
  const begin = async (): Promise<number> => {
    if (!kept) addon().setV8Flags(V8_FLAGS);
    return work();
  };
  begin().then(end, (error) => {
    // A machine that the native part does not run on needs no stack.
    if (!(error instanceof NativeLoadError)) {
      console.error(error);
      return end(1);
    }
    console.error(`${command}: ${error.message} [${error.code}]`);
    process.exit(1);
  });
}
