// The `criu-coredump` command, with the arguments of CRIU's coredump.
import { parseArgs } from 'node:util';
import { checkpointOf } from '../archive/unpack.js';
import { writeCores } from '../commands/core.js';
import { UsageError } from '../io.js';

const HELP = `Usage: criu-coredump [-i DIR] [-p PID] [-o DIR]

Makes core files of the processes of a checkpoint.

  -i, --in DIR    directory of images, or archive of a container (this directory if absent)
  -p, --pid PID   of this process only (of all of them if absent)
  -o, --out DIR   directory for the files core.PID (this one if absent)
  -h, --help      this text
`;

/** @throws UsageError, CoreDumpError, ImageError */
export async function coredump(args: readonly string[]): Promise<void> {
  const { values } = parse(args);
  if (values.help) {
    process.stdout.write(HELP);
    return;
  }
  const pid = values.pid === undefined ? undefined : Number(values.pid);
  if (pid !== undefined && !(Number.isInteger(pid) && pid > 0))
    throw new UsageError(`--pid must be a number, not "${values.pid}"`);
  // The final slash makes it a directory, also if a file has this name.
  const out = `${values.out ?? '.'}/`;
  const dir = await checkpointOf(values.in ?? '.');
  for await (const _ of writeCores({ dir, pid, out }));
}

function parse(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      options: {
        in: { type: 'string', short: 'i' },
        pid: { type: 'string', short: 'p' },
        out: { type: 'string', short: 'o' },
        help: { type: 'boolean', short: 'h' },
      },
    });
  } catch (error) {
    throw new UsageError((error as Error).message, '`criu-coredump --help` tells what can be given', {
      cause: error,
    });
  }
}
