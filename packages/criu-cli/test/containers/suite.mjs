// Tests of engines with the packages of another Debian (`SUITE=sid`): its plain system is made by debootstrap, and kept for the next
// time; the tests run in it, in a mount namespace of their own, from this very checkout. CRIU_PEER=/usr/sbin/criu is that Debian's.
import { spawnSync } from 'node:child_process';
import { chmodSync, copyFileSync, existsSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { run } from './kit.mjs';

const repository = join(dirname(fileURLToPath(import.meta.url)), '..', '..', '..', '..');
const BASE = ['ca-certificates', 'iproute2', 'nodejs', 'procps', 'python3-minimal'];

/** The root of a suite. @returns its folder */
function makeSuite(suite) {
  const folder = join(tmpdir(), `criu-containers-${suite}`);
  if (existsSync(folder)) return folder;
  console.log(`debootstrap makes a plain ${suite}, which takes minutes`);
  const fresh = `${folder}.new`;
  rmSync(fresh, { recursive: true, force: true });
  const mirror = process.env.DEBIAN_MIRROR ? [process.env.DEBIAN_MIRROR] : [];
  const options = ['--variant=minbase', `--include=${BASE.join(',')}`];
  run('debootstrap', [...options, suite, fresh, ...mirror], { stdio: 'ignore', timeout: 900_000 });
  for (const name of ['resolv.conf', 'hosts']) copyFileSync(join('/etc', name), join(fresh, 'etc', name));
  // Packages start no daemons there.
  const policy = join(fresh, 'usr', 'sbin', 'policy-rc.d');
  writeFileSync(policy, '#!/bin/sh\nexit 101\n');
  chmodSync(policy, 0o755);
  // Mirrors that keep an earlier state, and machines whose clock is ahead.
  writeFileSync(join(fresh, 'etc', 'apt', 'apt.conf.d', '90-tests'), 'Acquire::Check-Valid-Until "false";\n');
  renameSync(fresh, folder);
  return folder;
}

/** A mount namespace whose root is the suite's, with devices, cgroups and this checkout from here. */
const INSIDE = `set -e
root=$1; shift
mount --make-rprivate /
mount --bind "$root" "$root"
cd "$root"
mount -t proc proc proc
mount --rbind /sys sys
mount --rbind /dev dev
mount -t tmpfs none tmp
mkdir -p ".$REPOSITORY"
mount --bind "$REPOSITORY" ".$REPOSITORY"
mkdir -p tmp/old
pivot_root . tmp/old
cd /
umount -l /tmp/old
exec "$@"`;

/** Runs these tests in a suite. @returns the exit code */
export function inSuite(suite, args) {
  const self = ['node', join(repository, 'packages/criu-cli/test/containers/engines.mjs'), ...args];
  const { status } = spawnSync('unshare', ['--mount', 'sh', '-c', INSIDE, 'sh', makeSuite(suite), ...self], {
    stdio: 'inherit',
    env: {
      ...process.env,
      SUITE: '',
      TMPDIR: '/tmp',
      REPOSITORY: repository,
    },
  });
  return status ?? 1;
}
