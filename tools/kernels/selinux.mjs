// A small policy of SELinux for tests. It says what processes may do; all else is allowed. Its labels have levels, as those of all
// distributions.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { install, run } from './run.mjs';

/** What tasks have when the policy is loaded, the restoring ones, too. */
const CONTEXT = 'criu_u:criu_r:criu_base_t:s0';

/** Types that may do everything, with each other. */
const FREE = ['criu_base_t', 'criu_a_t', 'criu_b_t'];

/** What processes may or may not do. */
const PERMISSIONS =
  'fork transition dyntransition setcurrent setsockcreate setexec setfscreate setkeycreate ptrace sigkill execmem'.split(
    ' ',
  );
const allBut = (...denied) => PERMISSIONS.filter((permission) => !denied.includes(permission));

/** Types of confined tasks: what `criu_base_t` may do to them, and what they may do themselves. */
const CONFINED = {
  // As a container: it cannot change its own label.
  criu_box_t: { from: PERMISSIONS, self: allBut('setcurrent', 'transition', 'dyntransition', 'ptrace') },
  criu_untraced_t: { from: allBut('ptrace'), self: PERMISSIONS },
  criu_unkilled_t: { from: allBut('sigkill'), self: PERMISSIONS },
  criu_no_code_t: { from: PERMISSIONS, self: allBut('execmem') },
  // Nobody comes back to it who has left it.
  criu_closed_t: { from: allBut('transition', 'dyntransition'), self: PERMISSIONS },
};
const TYPES = [...FREE, ...Object.keys(CONFINED)];

const allow = (from, to, permissions) =>
  permissions.length > 0 ? [`allow ${from} ${to}:process { ${permissions.join(' ')} };`] : [];

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
    `class process { ${PERMISSIONS.join(' ')} }`,
    'sensitivity s0; dominance { s0 } category c0; category c1; level s0:c0,c1;',
    'mlsconstrain process transition (h1 dom h2);',
    ...TYPES.map((type) => `type ${type};`),
    `role criu_r; role criu_r types { ${TYPES.join(' ')} };`,
    ...FREE.flatMap((from) => FREE.flatMap((to) => allow(from, to, PERMISSIONS))),
    ...Object.entries(CONFINED).flatMap(([type, { from, self }]) => [
      ...allow('criu_base_t', type, from),
      ...allow(type, 'self', self),
    ]),
    'user criu_u roles { criu_r } level s0 range s0 - s0:c0,c1;',
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
