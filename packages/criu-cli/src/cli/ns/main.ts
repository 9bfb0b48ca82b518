// The command `criu-ns`: dumps tasks of other pid and mount namespaces, and restores into new ones, in which no pid is
// taken.
import { asCriuError } from '../../errors.js';
import { argumentsFor, parseCommand } from './command.js';

const USAGE = `Usage: criu-ns dump|pre-dump -t PID [OPTION...]
       criu-ns restore [OPTION...]
       criu-ns check

  dump, pre-dump  as those of criu, in the pid and mount namespaces of the task
  restore         as that of criu, in new pid and mount namespaces
  check           as that of criu

Options are those of criu, and:
  --criu-binary PATH  the criu that does the work (default: the one beside criu-ns)
`;

/** @returns the exit code */
export async function runNs(
  argv: readonly string[],
  { stdout, stderr }: { stdout(text: string): void; stderr(text: string): void },
): Promise<number> {
  const help = argv.includes('--help') || argv.includes('-h');
  if (argv.length === 0 || help) {
    (help ? stdout : stderr)(USAGE);
    return help ? 0 : 1;
  }
  try {
    const command = parseCommand(argv);
    if (command.action === 'restore')
      return await (await import('./restore.js')).restoreInNamespaces(command);
    if (command.action !== 'check') return await (await import('./dump.js')).dumpInNamespaces(command);
    const { become } = await import('../exec.js');
    const { ownEnvironment } = await import('@criu/native');
    return become([command.criu, ...argumentsFor(command, [])], ownEnvironment());
  } catch (thrown) {
    const error = asCriuError(thrown, 'unexpected failure');
    stderr(`criu-ns: ${error.explain()} [${error.code}]\n`);
    return 1;
  }
}
