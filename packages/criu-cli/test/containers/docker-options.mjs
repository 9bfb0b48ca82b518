// Containers of Docker as they are run in the field: with a terminal, an init, limits, profiles, health checks and sessions of exec.
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { attempt, goesOn, have, number, skip, test, until } from './kit.mjs';

/** Options of `docker run` that a container has to have still when it is restored. */
const RUNS = [
  ['a terminal (-t)', ['-t']],
  ['a terminal that is read from (-i -t)', ['-i', '-t']],
  ['an init (--init)', ['--init'], () => have('docker-init')],
  ['a read-only root (--read-only)', ['--read-only', '--tmpfs', '/tmp']],
  ['limits (--memory, --cpus, --pids-limit)', ['--memory', '64m', '--cpus', '0.5', '--pids-limit', '50']],
  ['no new privileges', ['--security-opt', 'no-new-privileges']],
  ['few capabilities', ['--cap-drop', 'ALL', '--cap-add', 'CHOWN']],
  ['another user (--user)', ['--user', '1234:1234', '--tmpfs', '/tmp:exec,uid=1234']],
  ['a health check', ['--health-cmd', 'test -s /tmp/n', '--health-interval', '200ms']],
  ['a larger /dev/shm and a device', ['--shm-size', '8m', '--device', '/dev/null:/dev/mine']],
  ['a sysctl of IPC', ['--sysctl', 'kernel.msgmax=4096']],
];

/** What a container sees of itself. */
const LOOK = [
  'grep -E "^(Uid|Gid|Groups|Cap|NoNewPrivs|Seccomp)" /proc/1/status',
  'cat /proc/sys/kernel/msgmax; grep " /dev/shm " /proc/mounts',
  'for i in 0 1 2; do readlink /proc/1/fd/$i | sed "s/[0-9]\\{3,\\}/N/"; done; ls -l /dev | sed "s/ [A-Z][a-z][a-z] .[0-9] [0-9:]* / /"',
].join('; ');

/** Limits of a task's groups, as the machine has them. */
function limits(pid) {
  const groups = readFileSync(`/proc/${pid}/cgroup`, 'utf8').trim().split('\n');
  const files = [
    'memory.limit_in_bytes',
    'pids.max',
    'cpu.cfs_quota_us',
    'cpu.shares',
    'memory.max',
    'cpu.max',
  ];
  return groups.flatMap((line) => {
    const [, controllers = '', path = ''] = /^\d+:([^:]*):(.*)$/.exec(line) ?? [];
    const folder = join('/sys/fs/cgroup', controllers.replace('name=', ''), path);
    return files
      .filter((file) => existsSync(join(folder, file)))
      .map((file) => `${file} ${readFileSync(join(folder, file), 'utf8').trim()}`);
  });
}

/** @param box `of` makes arguments of the client; `cli`, and `start`, `checkpoint` and `restore` by the name of a container */
export async function dockerOptions({ of, cli, start, checkpoint, restore }) {
  for (const [what, options, possible = () => true] of RUNS) {
    const name = `docker: ${what}`;
    if (!possible()) {
      skip(name, 'Docker lacks a program for it');
      continue;
    }
    await test(name, async () => {
      const count = () => cli('exec', 'field', '/bin/cat', '/tmp/n');
      const pid = () => cli('inspect', '-f', '{{.State.Pid}}', 'field').trim();
      const look = () => [cli('exec', 'field', '/bin/sh', '-c', LOOK), ...limits(pid())].join('\n');
      try {
        start('field', ...options, 'box', '/bin/count');
        let at = await number(count);
        const before = look();
        for (let i = 0; i < 2; i++) {
          checkpoint('field', `c${i}`);
          await restore('field', `c${i}`);
          at = await goesOn(count, at);
          const after = look();
          if (after !== before) throw new Error(`it saw\n${before}\nand sees\n${after}`);
        }
        if (options.includes('--health-cmd'))
          await until(
            'it is healthy',
            () => cli('inspect', '-f', '{{.State.Health.Status}}', 'field').trim() === 'healthy',
          );
      } finally {
        attempt('docker', of(['rm', '-f', 'field']));
      }
    });
  }
}
