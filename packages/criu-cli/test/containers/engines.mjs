// Container engines with this criu in the place of CRIU's: `npm run test:containers [runc|podman|lxc|docker|containerd|crun|cri|clients|bench|faults]`,
// as root. Installs the engines (Debian's packages) where they are missing. ONLY=TEXT runs only tests with that in their
// name; CRIU_PEER=/path/to/criu crosses with CRIU 4.2, and DUMPS=peer or RESTORES=peer beside it has that CRIU do this in all tests
// of runc and crun; CGROUP2=1 leaves only cgroup v2 to them; SUITE=sid runs them with the packages of another Debian. All happens in
// namespaces of its own, so that what is left behind can be told, and so that nothing of the machine is changed.
import { execFileSync, spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

if (process.getuid?.() !== 0) {
  console.error('container engines need root');
  process.exit(1);
}
const { criu, env, install, peer, results, test, work } = await import('./kit.mjs');
const { buildCrun, crunHasCheckpoints } = await import('./build-crun.mjs');
const { tidyHierarchies } = await import('./hierarchies.mjs');
const ENGINES = {
  runc: [['runc'], () => import('./runc.mjs')],
  podman: [['podman', 'podman', 'runc'], () => import('./podman.mjs')],
  lxc: [['lxc-checkpoint', 'lxc'], () => import('./lxc.mjs')],
  docker: [['dockerd', 'docker.io'], () => import('./docker.mjs')],
  containerd: [['ctr', 'containerd'], () => import('./containerd.mjs')],
  crun: [['crun'], () => import('./crun.mjs')],
  cri: [['containerd', 'containerd', 'runc'], () => import('./cri.mjs')],
  clients: [['criu'], () => import('./clients.mjs')],
  bench: [['runc'], () => import('./bench.mjs')],
  faults: [['runc'], () => import('./faults.mjs')],
};
const LIBCRIU = '/usr/lib/x86_64-linux-gnu/libcriu.so.2';
const GO_CRIU = 'golang-github-checkpoint-restore-go-criu-dev';
/** Only where they are asked for. */
const EXTRA = ['bench', 'faults'];
const wanted = process.argv.slice(2);
if (process.env.SUITE) {
  // That of the tests is made in the suite's root.
  execFileSync('rm', ['-rf', work]);
  const { inSuite } = await import('./suite.mjs');
  process.exit(inSuite(process.env.SUITE, wanted));
}
const chosen = Object.entries(ENGINES).filter(([name]) =>
  wanted.length === 0 ? !EXTRA.includes(name) : wanted.includes(name),
);
const isChosen = (engine) => chosen.some(([name]) => name === engine);

if (process.env.CRIU_CONTAINERS_INSIDE === undefined) {
  // Packages come before the network of its own, which leads nowhere.
  install('busybox', 'busybox-static');
  install('nft', 'nftables');
  for (const [, [[program, ...packages]]] of chosen)
    install(program, ...(packages.length > 0 ? packages : [program]));
  // Debian's crun loads it where there is one.
  if (isChosen('crun') && crunHasCheckpoints()) install(LIBCRIU, 'libcriu2');
  if (isChosen('crun') && !crunHasCheckpoints())
    try {
      buildCrun();
    } catch (error) {
      process.env.CRUN_FAILURE = `it could not be built: ${error.message.split('\n')[0]}`;
    }
  if (peer) {
    install(peer, 'criu');
    // CRIU locks networks with it.
    install('iptables-restore', 'iptables');
  }
  if (isChosen('clients')) {
    install('go', 'golang-go');
    install('/usr/share/gocode/src/github.com/checkpoint-restore/go-criu', GO_CRIU);
  }
  if (isChosen('cri'))
    try {
      install('checkpointctl', 'checkpointctl');
    } catch {
      // Debian has it from version 13 on.
    }
  const serves = isChosen('runc') || isChosen('crun');
  if (serves || isChosen('bench')) install('redis-server', 'redis-server');
  if (serves) {
    install('nginx', 'nginx-light');
    install('javac', 'default-jdk-headless');
    install('pgbench', 'postgresql', 'postgresql-contrib');
  }
  const inside = `mount -t tmpfs none /run; ip link set lo up
mkdir /run/cgroup; mount --rbind /sys/fs/cgroup /run/cgroup
mount -t sysfs none /sys; mount --rbind /run/cgroup /sys/fs/cgroup; umount -l /run/cgroup; rmdir /run/cgroup
[ "$CGROUP2" ] && umount -R -l /sys/fs/cgroup && mount -t cgroup2 none /sys/fs/cgroup
ip netns add first; ip netns del first
"$@"; exit $?`;
  const own = ['--mount', '--net', '--pid', '--fork', '--mount-proc', '--kill-child'];
  execFileSync('rm', ['-rf', work]);
  /** Runs some of them in namespaces of their own. */
  const enter = (names, more = {}) => {
    const self = [process.execPath, fileURLToPath(import.meta.url), ...names];
    // sh, as the first process of its pid namespace, reaps those that lose their parents.
    const { status } = spawnSync('unshare', [...own, 'sh', '-c', inside, 'sh', ...self], {
      stdio: 'inherit',
      env: {
        ...process.env,
        CRIU: criu,
        CRIU_CONTAINERS_INSIDE: '1',
        CRIU_CONTAINERS_RUN: String(process.pid),
        ...more,
      },
    });
    return status ?? 1;
  };
  // crun takes no mixture of both versions of cgroups.
  const names = chosen.map(([name]) => name);
  const mixed = names.filter((name) => name !== 'crun');
  const failed = [
    mixed.length > 0 ? enter(mixed) : 0,
    names.includes('crun') ? enter(['crun'], { CGROUP2: '1' }) : 0,
  ];
  if (names.includes('crun'))
    for (const pattern of [`box-*-${process.pid}*`, 'libpod*']) tidyHierarchies(pattern);
  process.exit(Math.max(...failed));
}

const { leftovers, snapshot, tidyGroups } = await import('./host.mjs');
const before = snapshot();
for (const [name, [, load]] of chosen) {
  const engine = await load();
  await engine.default();
  await test(`${name}: nothing is left on the host`, async () => {
    tidyGroups(before);
    let left = [];
    // Who has just ended may be there for a moment.
    for (let tries = 0; tries < 50; tries++) {
      left = leftovers(before, snapshot());
      if (left.length === 0) return;
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
    throw new Error(left.join('\n'));
  });
}
if (results.failed === 0 || process.env.KEEP === undefined)
  execFileSync('rm', ['-rf', '--one-file-system', work], { env });
console.log(`${results.passed} passed, ${results.failed} failed, ${results.skipped} skipped`);
process.exit(results.failed ? 1 : 0);
