// Content of file systems in memory: a compressed archive that the system's tar(1) writes and reads, as in CRIU's images.
import { spawn } from 'node:child_process';
import { asCriuError, CriuError } from '../../../errors.js';
import { type Beholder, runInside } from '../user/command.js';

/** What tar said at the end, for messages. */
const MOST_SAID = 2000;

interface Streams {
  readonly input?: number;
  readonly output?: number;
  readonly folder: number;
}

/** @param beholder whose eyes it sees files with: those of a user namespace, where it is not our own */
async function run(
  beholder: Beholder | undefined,
  args: readonly string[],
  { input, output, folder }: Streams,
  what: string,
  file: string,
): Promise<void> {
  if (!beholder) return runHere(args, [input ?? 'ignore', output ?? 'ignore', 'pipe', folder], what, file);
  const files = {
    ...(input === undefined ? {} : { input }),
    ...(output === undefined ? {} : { output }),
    more: [folder],
  };
  try {
    await runInside(beholder, ['tar', ...args], files);
  } catch (error) {
    throw asCriuError(error, what, { file });
  }
}

function runHere(
  args: readonly string[],
  stdio: readonly (number | 'ignore' | 'pipe')[],
  what: string,
  file: string,
) {
  return new Promise<void>((resolve, reject) => {
    let said = '';
    const tar = spawn('tar', args, {
      stdio: [...stdio],
      env: { PATH: process.env['PATH'] ?? '/usr/sbin:/usr/bin:/sbin:/bin', LC_ALL: 'C' },
    });
    tar.stderr?.on('data', (bytes: Buffer) => {
      said = `${said}${bytes.toString()}`.slice(-MOST_SAID);
    });
    tar.on('error', (error) =>
      reject(
        new CriuError('SYSCALL', `${what}: cannot run tar`, { file }, 'install GNU tar and gzip', error),
      ),
    );
    tar.on('close', (code, signal) => {
      if (code === 0) resolve();
      else
        reject(
          new CriuError(
            'SYSCALL',
            `${what}: tar ended with ${signal ?? code}: ${said.trim()}`,
            { file },
            'see what it says',
          ),
        );
    });
  });
}

/** Extended attributes and access control lists, which CRIU's archives do not have; labels are what a policy says. */
const ATTRIBUTES = ['--xattrs', '--xattrs-include=*', '--xattrs-exclude=security.selinux', '--acls'];

/** Puts the files of an archive into a mount. `folder`: descriptor of its root. @throws CriuError */
export function extractArchive(
  beholder: Beholder | undefined,
  archive: number,
  folder: number,
  what: string,
  file: string,
): Promise<void> {
  return run(
    beholder,
    [
      '--extract',
      '--file',
      '-',
      '--gzip',
      '--no-unquote',
      '--no-wildcards',
      ...ATTRIBUTES,
      '--directory',
      '/proc/self/fd/3',
    ],
    { input: archive, folder },
    what,
    file,
  );
}

/** Writes the files of a mount, and of none that lies on it, to an archive. @throws CriuError */
export function writeArchive(
  beholder: Beholder | undefined,
  archive: number,
  folder: number,
  what: string,
  file: string,
): Promise<void> {
  return run(
    beholder,
    [
      '--create',
      '--file',
      '-',
      '--gzip',
      '--no-unquote',
      '--no-wildcards',
      '--one-file-system',
      '--check-links',
      '--preserve-permissions',
      '--sparse',
      '--numeric-owner',
      ...ATTRIBUTES,
      '--directory',
      '/proc/self/fd/3',
      '.',
    ],
    { output: archive, folder },
    what,
    file,
  );
}
