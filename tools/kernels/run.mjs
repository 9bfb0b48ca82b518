// Commands for tools/kernels.mjs.
import { spawnSync } from 'node:child_process';

export function run(command, args, options = {}) {
  const { status, error, signal } = spawnSync(command, args, {
    stdio: ['ignore', 'inherit', 'inherit'],
    ...options,
  });
  if (status !== 0)
    throw new Error(`${command} ${args.join(' ')}: ${error?.message ?? signal ?? `exit code ${status}`}`);
}

/** Installs Debian's packages where a program is missing. */
export function install(program, ...packages) {
  if (spawnSync('sh', ['-c', `command -v ${program}`]).status === 0) return;
  const quiet = { stdio: ['ignore', 'ignore', 'inherit'] };
  run('apt-get', ['update', '-qq'], quiet);
  run('apt-get', ['install', '-y', '-qq', '--no-install-recommends', ...packages], {
    ...quiet,
    env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
  });
}
