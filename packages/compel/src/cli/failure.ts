// Error messages of `compel`: the object, the problem, and the remedy.

/** An invalid command line. */
export class UsageError extends Error {}

/** Arguments of the commands, for messages. */
const SYNOPSES: Readonly<Record<string, string>> = {
  build: 'SOURCE...',
  hgen: '-f ELF -o BLOB',
  inject: 'PID BLOB [COMMAND] [ARGUMENT]',
  syscall: 'PID NAME [ARGUMENT...]',
  fds: 'PID',
};

/** Rewrites an error message of yargs. */
export function plainMessage(message: string, command: string): string {
  const unknown = /^Unknown commands?: ([^,\n]*)/.exec(message)?.[1];
  if (unknown !== undefined) return `there is no command ${unknown}`;
  const synopsis = SYNOPSES[command];
  if (/^(Not enough|Missing required)/.test(message) && synopsis !== undefined)
    return `something is missing: compel ${command} ${synopsis}`;
  return message.replace(/\s*\n\s*/g, ' ').replace(/^[A-Z](?=[a-z])/, (letter) => letter.toLowerCase());
}

const REMEDIES: Readonly<Record<string, string>> = {
  NO_SUCH_TASK: 'name a process that runs: `ps -e` lists them',
  ZOMBIE: 'name a process that runs: nothing is left of this one but its exit code',
  DEAD_LEADER: 'end the process, or wait until its main thread has not ended yet',
  TRACED: 'end the debugger or tracer of it first',
  KERNEL_THREAD: 'name a process: threads of the kernel have no memory of their own',
  PERMISSION: 'run it as root, or as the user of the process',
  ENOENT: 'name a file that is there',
  EACCES: 'run it as a user who may read that, or as root',
  EISDIR: 'name a file, not a folder',
};

/** The text for standard error. */
export function failureText(error: unknown): string {
  const { code, message } = error as { readonly code?: string; readonly message: string };
  const remedy =
    error instanceof UsageError
      ? '`compel --help` and `compel COMMAND --help` say more'
      : REMEDIES[code ?? ''];
  return `compel: ${message}${code ? ` (${code})` : ''}\n${remedy === undefined ? '' : `  ${remedy}\n`}`;
}
