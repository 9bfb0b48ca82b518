// A small policy of SELinux for tests: three types that may do everything, and no file system with labels of its own. Its labels
// have levels, as those of all distributions.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { install, run } from './run.mjs';

/** What tasks have when the policy is loaded; `criu_a_t` and `criu_b_t` are the other types. */
const CONTEXT = 'criu_u:criu_r:criu_base_t:s0';
const TYPES = ['criu_base_t', 'criu_a_t', 'criu_b_t'];

/** The objects that have a label before the policy says so, in the order of the kernel (security/selinux/include/initial_sid_to_string.h). */
const INITIAL =
  'kernel security unlabeled fs file file_labels init any_socket port netif netmsg node igmp_packet icmp_socket tcp_socket sysctl_modprobe sysctl sysctl_fs sysctl_kernel sysctl_net sysctl_net_unix sysctl_vm sysctl_dev kmod policy scmp_packet devnull'.split(
    ' ',
  );
const BY_TASK = ['sockfs', 'pipefs', 'eventpollfs'];
const BY_MAKER = ['tmpfs', 'devtmpfs', 'devpts', 'mqueue', 'hugetlbfs'];
const WHOLE = ['proc', 'sysfs', 'selinuxfs', 'securityfs', 'cgroup', 'cgroup2', 'nsfs', 'rootfs'];

/** In the order that checkpolicy(8) asks for. Classes and permissions that are not named are allowed. */
function text() {
  return [
    'class process',
    ...INITIAL.map((sid) => `sid ${sid}`),
    'class process { fork transition dyntransition setcurrent setsockcreate ptrace }',
    'sensitivity s0; dominance { s0 } category c0; level s0:c0;',
    'mlsconstrain process transition (h1 dom h2);',
    ...TYPES.map((type) => `type ${type};`),
    `role criu_r; role criu_r types { ${TYPES.join(' ')} };`,
    ...TYPES.flatMap((from) => TYPES.map((to) => `allow ${from} ${to}:process *;`)),
    'user criu_u roles { criu_r } level s0 range s0 - s0:c0;',
    ...INITIAL.map((sid) => `sid ${sid} ${CONTEXT}`),
    `fs_use_xattr ext4 ${CONTEXT};`,
    ...BY_TASK.map((fs) => `fs_use_task ${fs} ${CONTEXT};`),
    ...BY_MAKER.map((fs) => `fs_use_trans ${fs} ${CONTEXT};`),
    ...WHOLE.map((fs) => `genfscon ${fs} / ${CONTEXT}`),
    '',
  ].join('\n');
}

/** Makes the policy that tools/kernels/init.sh loads. @returns its path */
export function selinuxPolicy(dir) {
  install('checkpolicy', 'checkpolicy');
  const [source, policy] = [join(dir, 'policy.conf'), join(dir, 'policy')];
  writeFileSync(source, text());
  run('checkpolicy', ['-M', '-U', 'allow', '-c', '33', '-o', policy, source]);
  return policy;
}
