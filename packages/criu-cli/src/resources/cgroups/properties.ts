// The files of a control group that make up its configuration, by controller. The user can add to them or replace them.
import { readFileSync } from '@criu/native/fs';
import { asCriuError, CriuError } from '../../errors.js';

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

/** Whether a text is a valid name for a file of a group, without any path. */
export function isPropertyName(name: string): boolean {
  return /^[\w-]+(\.[\w-]+)*$/.test(name);
}

export class PropertyNames {
  private readonly byController = new Map(Object.entries(BUILT_IN));

  /**
   * Adds the properties of `--cgroup-props`.
   * @param text YAML: by controller, `strategy` (`merge` or `replace`) and `properties`
   * @throws CriuError BAD_OPTION
   */
  async add(text: string, option: string): Promise<void> {
    const wrong = (what: string): CriuError =>
      new CriuError(
        'BAD_OPTION',
        `${option}: ${what}`,
        {},
        'it has the form "cpu":\\n - "strategy": "merge"\\n - "properties": ["cpu.shares"]',
      );
    // Loaded on demand, as the option is rarely used.
    const { parseDocument } = await import('yaml');
    const document = parseDocument(text);
    const [error] = document.errors;
    if (error) throw wrong(error.message.replace(/\n.*/s, ''));
    let spec: unknown;
    try {
      spec = document.toJS({ maxAliasCount: 0 });
    } catch (thrown) {
      throw wrong((thrown as Error).message);
    }
    if (typeof spec !== 'object' || spec === null || Array.isArray(spec))
      throw wrong('controllers are missing');
    for (const [controller, list] of Object.entries(spec)) {
      if (!Array.isArray(list)) throw wrong(`${controller} has no list of strategy and properties`);
      const { strategy, properties } = Object.assign({}, ...list) as Record<string, unknown>;
      if (strategy !== 'merge' && strategy !== 'replace')
        throw wrong(`the strategy of ${controller} is neither merge nor replace`);
      if (!Array.isArray(properties) || !properties.every((p) => typeof p === 'string' && isPropertyName(p)))
        throw wrong(`the properties of ${controller} are not a list of names`);
      const before = strategy === 'merge' ? (this.byController.get(controller) ?? []) : [];
      this.byController.set(controller, [...new Set([...before, ...(properties as string[])])]);
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
