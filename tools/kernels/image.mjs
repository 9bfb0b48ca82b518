// Disk images for tools/kernels.mjs: a plain Debian with its kernel, and this checkout.
import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { root } from '../pack/packages.mjs';
import { run } from './run.mjs';

/** What our tests need of Debian; node comes from this machine. */
const PACKAGES = [
  'linux-image-amd64',
  'gcc-multilib',
  'iproute2',
  'nftables',
  'iptables',
  'apparmor',
  'procps',
  'python3-minimal',
];

/** The first program of the root file system: all else is in the checkout, which is the second disk. */
const FIRST = `#!/bin/sh
mount -t proc proc /proc
checkout=$(sed 's/.*checkout=\\([^ ]*\\).*/\\1/' /proc/cmdline)
mkdir -p "$checkout"
mount /dev/vdb "$checkout"
exec sh "$checkout/tools/kernels/init.sh"
`;

function makeImage(file, dir, size) {
  run('truncate', ['-s', size, file]);
  run('mkfs.ext4', ['-q', '-F', '-d', dir, file]);
}

/**
 * A root file system with the kernel of a suite, made once.
 * @returns paths of the disk image, the kernel and its initial RAM disk
 */
export function plainMachine(suite) {
  const cache = join(root, 'node_modules', '.cache', 'kernels');
  const made = Object.fromEntries(
    ['ext4', 'vmlinuz', 'initrd'].map((kind) => [kind, join(cache, `${suite}.${kind}`)]),
  );
  if (Object.values(made).every(existsSync)) return made;
  mkdirSync(cache, { recursive: true });
  const dir = mkdtempSync(join(tmpdir(), 'kernels-'));
  try {
    console.log(`kernels: debootstrap makes a plain ${suite} with its kernel, which takes some minutes`);
    const mirror = process.env.DEBIAN_MIRROR ? [process.env.DEBIAN_MIRROR] : [];
    const plain = join(dir, 'root');
    run('debootstrap', ['--variant=minbase', `--include=${PACKAGES}`, suite, plain, ...mirror], {
      stdio: ['ignore', 'ignore', 'inherit'],
    });
    chmodSync(plain, 0o755);
    rmSync(join(plain, 'var/cache/apt/archives'), { recursive: true });
    writeFileSync(join(plain, 'first'), FIRST, { mode: 0o755 });
    run('cp', ['--', process.execPath, join(plain, 'usr/local/bin/node')]);
    run('cp', ['-L', '--', join(plain, 'vmlinuz'), made.vmlinuz]);
    run('cp', ['-L', '--', join(plain, 'initrd.img'), made.initrd]);
    makeImage(`${made.ext4}.new`, plain, '4G');
    renameSync(`${made.ext4}.new`, made.ext4);
    return made;
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
}

/** What of the checkout is of no use in the machine. */
const LEFT_OUT = ['./.git', './node_modules/.cache/kernels', './node_modules/.cache/newcomer', './site'];

/** An image of this checkout as it is built, with a shell script that the machine shall run. @param policy a file, for SELinux */
export function checkoutImage(dir, job, policy) {
  const stage = join(dir, 'checkout');
  mkdirSync(join(stage, '.kernels'), { recursive: true });
  run('sh', [
    '-c',
    `tar -C "$0" ${LEFT_OUT.map((path) => `--exclude=${path}`).join(' ')} -cf - . | tar -C "$1" -xf -`,
    root,
    stage,
  ]);
  writeFileSync(join(stage, '.kernels', 'job.sh'), job);
  if (policy) copyFileSync(policy, join(stage, '.kernels', 'policy'));
  const image = join(dir, 'checkout.ext4');
  makeImage(image, stage, '3G');
  rmSync(stage, { recursive: true });
  return image;
}
