// Two network namespaces with a cable between them, for tests of a connection over a real path.
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';

const run = (command: string, ...args: string[]) => {
  const { status, stderr, error } = spawnSync(command, args, { encoding: 'utf8', timeout: 20_000 });
  if (status !== 0) throw new Error(`${command} ${args.join(' ')}: ${error?.message ?? stderr}`);
};

/** Why namespaces cannot be made here; undefined when they can. */
export function whyNoNetns(): string | undefined {
  if (process.getuid?.() !== 0) return 'needs root';
  const name = `soccr-probe-${process.pid}`;
  const made = spawnSync('ip', ['netns', 'add', name], { encoding: 'utf8' });
  if (made.error) return 'needs ip(8) of iproute2';
  if (made.status !== 0) return `ip netns add: ${made.stderr.trim()}`;
  const cable = spawnSync(
    'ip',
    ['-n', name, 'link', 'add', 'probe0', 'type', 'veth', 'peer', 'name', 'probe1'],
    {
      encoding: 'utf8',
    },
  );
  spawnSync('ip', ['netns', 'del', name]);
  return cable.status === 0 ? undefined : `no veth: ${cable.stderr.trim()}`;
}

export interface Wire {
  /** Packets of a hundred that get lost, in each direction. */
  lossPercent?: number;
  delayMs?: number;
  /** sysctl names without `net.ipv4.`, for both ends. */
  sysctl?: Record<string, string>;
}

export interface Net {
  a: string;
  b: string;
  /** How loss and delay are made here. */
  impairment: string;
  spawn(namespace: string, script: string): ChildProcess;
  remove(): void;
}

/** 10.77.0.1 and fd77::1 on one side, .2 and ::2 on the other. */
export function makeNet(wire: Wire = {}): Net {
  const a = `soccr-a-${process.pid}`;
  const b = `soccr-b-${process.pid}`;
  const remove = () => {
    for (const name of [a, b]) spawnSync('ip', ['netns', 'del', name]);
  };
  remove();
  try {
    for (const name of [a, b]) run('ip', 'netns', 'add', name);
    run('ip', '-n', a, 'link', 'add', 'wire', 'type', 'veth', 'peer', 'name', 'wire', 'netns', b);
    let impairment = 'none';
    [a, b].forEach((name, i) => {
      run('ip', '-n', name, 'link', 'set', 'lo', 'up');
      run('ip', '-n', name, 'addr', 'add', `10.77.0.${i + 1}/24`, 'dev', 'wire');
      run('ip', '-n', name, 'addr', 'add', `fd77::${i + 1}/64`, 'dev', 'wire', 'nodad');
      run('ip', '-n', name, 'link', 'set', 'wire', 'up');
      for (const [key, value] of Object.entries(wire.sysctl ?? {})) {
        run('ip', 'netns', 'exec', name, 'sysctl', '-qw', `net.ipv4.${key}=${value}`);
      }
      if (!wire.lossPercent && !wire.delayMs) return;
      const netem = ['delay', `${wire.delayMs ?? 0}ms`, 'loss', `${wire.lossPercent ?? 0}%`];
      const tc = spawnSync('tc', ['-n', name, 'qdisc', 'add', 'dev', 'wire', 'root', 'netem', ...netem]);
      if (tc.status === 0) {
        impairment = 'tc netem';
        return;
      }
      // No netem in this kernel: loss by a rule; delay there is none then.
      impairment = 'nftables numgen, no delay';
      const of = Math.round(10_000 / (wire.lossPercent || 0.01) / 100);
      const rule = `add table inet loss; add chain inet loss in { type filter hook prerouting priority -300; }; add rule inet loss in meta l4proto tcp numgen random mod ${of} 0 drop`;
      if (wire.lossPercent) run('ip', 'netns', 'exec', name, 'nft', rule);
    });
    return {
      a,
      b,
      impairment,
      remove,
      spawn: (namespace, script) =>
        spawn('ip', ['netns', 'exec', namespace, process.execPath, script], {
          stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
          serialization: 'advanced',
        }),
    };
  } catch (error) {
    remove();
    throw error;
  }
}
