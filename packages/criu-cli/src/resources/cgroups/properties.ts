// The files of a control group that make up its configuration, by controller. The user can add to them or replace them.
import { readFileSync } from '@criu/native/fs';
import { asCriuError } from '../../errors.js';
import { parseProperties } from './given-properties.js';

/** Names of files, in the order in which they have to be written. */
const BUILT_IN: Readonly<Record<string, readonly string[]>> = {
  cpu: ['shares', 'cfs_period_us', 'cfs_quota_us', 'rt_period_us', 'rt_runtime_us'].map((n) => `cpu.${n}`),
  // The limit without swap must not exceed the limit with swap.
  memory: [
    'limit_in_bytes',
    'memsw.limit_in_bytes',
    'swappiness',
    'soft_limit_in_bytes',
    'move_charge_at_immigrate',
    'oom_control',
    'use_hierarchy',
    'kmem.limit_in_bytes',
    'kmem.tcp.limit_in_bytes',
  ].map((n) => `memory.${n}`),
  cpuset: [
    'cpus',
    'mems',
    'memory_migrate',
    'cpu_exclusive',
    'mem_exclusive',
    'mem_hardwall',
    'memory_spread_page',
    'memory_spread_slab',
    'sched_load_balance',
    'sched_relax_domain_level',
  ].map((n) => `cpuset.${n}`),
  blkio: ['blkio.weight'],
  net_cls: ['net_cls.classid'],
  net_prio: ['net_prio.ifpriomap'],
  pids: ['pids.max'],
  devices: ['devices.list'],
};

const EVERY_GROUP = ['cgroup.clone_children', 'notify_on_release', 'cgroup.procs', 'tasks'];
const EVERY_UNIFIED_GROUP = [
  'cgroup.subtree_control',
  'cgroup.max.descendants',
  'cgroup.max.depth',
  'cgroup.freeze',
  'cgroup.type',
];

/** Properties that cannot be changed once a group has members or children. */
export const EARLY: ReadonlySet<string> = new Set([
  'cpuset.cpus',
  'cpuset.mems',
  'devices.list',
  'memory.kmem.limit_in_bytes',
  'memory.swappiness',
  'memory.oom_control',
  'memory.use_hierarchy',
  'cgroup.type',
]);

/** Lists of members, which are not configuration; only the permissions of these files are dumped. */
export const MEMBERS: ReadonlySet<string> = new Set(['cgroup.procs', 'tasks']);

export class PropertyNames {
  private readonly byController = new Map(Object.entries(BUILT_IN));

  /**
   * Adds the properties of `--cgroup-props`.
   * @param text YAML: by controller, `strategy` (`merge` or `replace`) and `properties`
   * @throws CriuError BAD_OPTION
   */
  async add(text: string, option: string): Promise<void> {
    // A promise, as YAML is only loaded for this.
    for (const { controller, strategy, properties } of await parseProperties(text, option)) {
      const before = strategy === 'merge' ? (this.byController.get(controller) ?? []) : [];
      this.byController.set(controller, [...new Set([...before, ...properties])]);
    }
  }

  async addFile(path: string): Promise<void> {
    let text: string;
    try {
      text = readFileSync(path, 'utf8');
    } catch (error) {
      throw asCriuError(error, 'cannot read the properties of cgroups', { file: path });
    }
    await this.add(text, `--cgroup-props-file ${path}`);
  }

  /** Names of the properties of a hierarchy, given by its name in /proc/PID/cgroup. */
  of(hierarchy: string): string[] {
    const own = hierarchy.split(',').flatMap((controller) => this.byController.get(controller) ?? []);
    return [...own, ...(hierarchy === '' ? EVERY_UNIFIED_GROUP : EVERY_GROUP)];
  }
}
