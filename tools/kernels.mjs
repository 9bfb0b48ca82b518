// `npm run test:kernels [-- SUITE... [--lsm MODULE] [--run COMMAND] [TEST FILE...]]`, as root: tests of this checkout with kernels and
// security modules that this machine need not have. Boots the kernel of a Debian in qemu, with a plain system of that suite
// (tools/kernels/image.mjs) and the checkout as it is built, and runs test files in it, or a command for the shell. Suites:
// bookworm (Linux 6.1), trixie (6.12) and bullseye (5.10). --lsm is the kernel's `security=`: apparmor, as Debian has it, selinux with
// a policy for tests (tools/kernels/selinux.mjs), or none. Without virtualisation in the processor qemu translates instructions, so that everything takes ten times as long.
import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { checkoutImage, plainMachine } from './kernels/image.mjs';
import { install } from './kernels/run.mjs';
import { selinuxPolicy } from './kernels/selinux.mjs';
import { root } from './pack/packages.mjs';

const SUITES = ['bookworm', 'trixie', 'bullseye'];
/** What runs without arguments: what depends on the kernel or its security module. */
const TESTS = [
  'packages/criu-cli/test/process/labels.test.ts',
  'packages/criu-cli/test/process/apparmor.test.ts',
  'packages/criu-cli/test/process/selinux.test.ts',
  'packages/criu-cli/test/process/switches.test.ts',
  'packages/criu-cli/test/memory/attributes.test.ts',
  'packages/criu-cli/test/namespaces/net-devices.test.ts',
  'packages/criu-cli/test/namespaces/net-ipsec.test.ts',
  'packages/criu-cli/test/namespaces/net-traffic.test.ts',
  'packages/criu-cli/test/namespaces/net-wireguard.test.ts',
];

function parse(args) {
  const chosen = { suites: [], tests: [], lsm: 'apparmor', command: undefined };
  for (let arg = args.shift(); arg !== undefined; arg = args.shift()) {
    if (arg === '--lsm') chosen.lsm = args.shift();
    else if (arg === '--run') chosen.command = args.shift();
    else if (SUITES.includes(arg)) chosen.suites.push(arg);
    else if (arg.endsWith('.test.ts')) chosen.tests.push(arg);
    else throw new Error(`${arg}: no suite (${SUITES.join(' ')}), test file or option`);
  }
  if (!chosen.suites.length) chosen.suites.push('bookworm', 'trixie');
  if (!chosen.tests.length) chosen.tests.push(...TESTS);
  chosen.command ??= `
uname -sr; cat /sys/kernel/security/lsm; echo
packages/criu-cli/bin/criu check --all
exec node node_modules/vitest/vitest.mjs run --no-file-parallelism --testTimeout 600000 --hookTimeout 600000 ${chosen.tests.join(' ')}`;
  return chosen;
}

/** Whether the processor can run a machine by itself. */
const accelerated = () => /^flags.*\b(vmx|svm)\b/m.test(readFileSync('/proc/cpuinfo', 'utf8'));

/**
 * Boots a machine that runs the job in the image of the checkout. The kernel is not to check its timer at boot, which an emulated
 * processor drives too late where this machine is busy.
 * @returns the exit code of the job, undefined if it did not end
 */
async function boot({ ext4, vmlinuz, initrd }, checkout, lsm, log) {
  const disk = (file) => ['-drive', `file=${file},format=raw,if=virtio,snapshot=on,cache=unsafe`];
  const qemu = spawn(
    'qemu-system-x86_64',
    [
      ...['-machine', `q35,accel=${accelerated() ? 'kvm' : 'tcg'}`, '-cpu', 'max', '-smp', '2', '-m', '3072'],
      ...['-display', 'none', '-monitor', 'none', '-nodefaults', '-no-reboot'],
      ...['-serial', `file:${log}`, '-serial', 'stdio'],
      ...disk(ext4),
      ...disk(checkout),
      ...['-kernel', vmlinuz, '-initrd', initrd, '-append'],
      `root=/dev/vda rw init=/first checkout=${root} console=ttyS0 loglevel=4 panic=-1 mitigations=off no_timer_check security=${lsm}`,
      ...(process.env.QEMU_ARGS?.split(' ') ?? []),
    ],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  );
  let status;
  for await (const line of createInterface({ input: qemu.stdout })) {
    const end = /kernels: exit (\d+)$/.exec(line);
    if (end) status = Number(end[1]);
    else console.log(line);
  }
  return status;
}

if (process.getuid() !== 0) {
  console.error('kernels: this needs root, as it makes a root file system: sudo npm run test:kernels');
  process.exit(1);
}
const dir = mkdtempSync(join(tmpdir(), 'kernels-run-'));
try {
  const { suites, lsm, command } = parse(process.argv.slice(2));
  install('qemu-system-x86_64', 'qemu-system-x86');
  install('debootstrap', 'debootstrap');
  install('mkfs.ext4', 'e2fsprogs');
  const checkout = checkoutImage(dir, command, lsm === 'selinux' ? selinuxPolicy(dir) : undefined);
  for (const suite of suites) {
    const machine = plainMachine(suite);
    console.log(`kernels: ${suite}, security=${lsm}`);
    const log = join(dir, 'console');
    const status = await boot(machine, checkout, lsm, log);
    if (status === 0) continue;
    process.exitCode = 1;
    if (status !== undefined) console.error(`kernels: ${suite}: the command ended with ${status}`);
    else
      console.error(
        `${readFileSync(log, 'utf8').slice(-4000)}\nkernels: ${suite}: the machine stopped early`,
      );
  }
} catch (error) {
  console.error(`kernels: ${error.message}`);
  process.exitCode = 1;
} finally {
  rmSync(dir, { recursive: true, force: true });
}
