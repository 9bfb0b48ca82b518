// Golden files, a directory for each test, and ways to run our crit and Python's.
import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { onTestFinished } from 'vitest';
import { bundle } from '../bundle.mjs';

const fixtures = fileURLToPath(new URL('../../images/test/fixtures', import.meta.url));
const corpus = fileURLToPath(new URL('../../../../shared/corpus', import.meta.url));
export const hasCorpus = existsSync(join(corpus, 'criu-4.2'));

export interface GoldenSet {
  readonly name: string;
  readonly images: string;
  readonly texts: string;
}

/** Images that CRIU 4.2 wrote with what crit 4.2 says of them. */
export const goldenSets: readonly GoldenSet[] = [fixtures, ...(hasCorpus ? [corpus] : [])].flatMap((root) =>
  readdirSync(join(root, 'criu-4.2')).map((name) => ({
    name: root === fixtures ? `${name} (fixture)` : name,
    images: join(root, 'criu-4.2', name),
    texts: join(root, 'crit-4.2', name),
  })),
);
/** What a test relies on being there. */
export function defined<T>(value: T | undefined | null): T {
  if (value === undefined || value === null) throw new Error('what the test needs is not there');
  return value;
}

const fixture = (wanted: string) => defined(goldenSets.find(({ name }) => name === `${wanted} (fixture)`));
export const ipcSet = fixture('ipc');
export const msgqueSet = fixture('msgque');
export const tcpSet = fixture('socket-tcp4v6-closing');

export function scratch(): string {
  const dir = mkdtempSync(join(tmpdir(), 'crit-'));
  onTestFinished(() => rmSync(dir, { recursive: true }));
  return dir;
}

/** Python's crit, where Debian's package is installed. */
export const pythonCrit = existsSync('/usr/bin/crit') ? '/usr/bin/crit' : undefined;

export function run(command: string, args: readonly string[], input?: string | Buffer) {
  const { status, stdout, stderr, error } = spawnSync(command, args, {
    input,
    timeout: 60_000,
    maxBuffer: 1 << 30,
  });
  if (error !== undefined) throw error;
  return { status, stdout, text: stdout.toString(), stderr: stderr.toString() };
}

/** The command as the package has it, but in a directory of the test. */
export async function bundleCrit(
  dir: string,
): Promise<(args: readonly string[], input?: string | Buffer) => ReturnType<typeof run>> {
  await bundle(join(dir, 'dist'));
  cpSync(fileURLToPath(new URL('../bin', import.meta.url)), join(dir, 'bin'), { recursive: true });
  return (args, input) => run(join(dir, 'bin', 'crit.cjs'), args, input);
}
