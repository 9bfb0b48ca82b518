// Checks processes: the tree, their images, and the references in them.
import {
  type CoreEntry,
  FdTypes,
  type FileEntry,
  type ImageKind,
  imageFileName,
  type PstreeEntry,
  SeccompMode,
  type TaskKobjIdsEntry,
} from '@criu/images';
import type { Report } from './report.js';

/** `task_core_entry.task_state` of processes that have ended but were not waited for; they have only a core image. */
const ENDED: ReadonlySet<number> = new Set([2, 6]);

/** For each epoll by id: whether a process has it, and the watched descriptors that were not found yet. */
type Watched = Map<number, { held: boolean; readonly fds: Set<number> }>;

export function verifyTasks(
  report: Report,
  tasks: readonly PstreeEntry[],
  files: ReadonlyMap<number, FileEntry> | undefined,
): void {
  const { set } = report;
  verifyTree(report, tasks);
  const watched: Watched = new Map();
  for (const file of files?.values() ?? []) {
    if (file.epfd !== undefined) {
      watched.set(file.id, { held: false, fds: new Set(file.epfd.tfd.map(({ tfd }) => tfd)) });
    }
  }
  const cgroups = cgroupSets(report);
  const filters = set.has('SECCOMP')
    ? (report.attempt(() => set.entries('SECCOMP'))?.[0]?.seccomp_filters.length ?? 0)
    : 0;
  const tids = new Set<number>();
  for (const task of tasks) {
    const core = report.attempt(() => set.core(task.pid));
    if (core === undefined) continue;
    if (core.tc === undefined) {
      report.error(imageFileName('CORE', task.pid), 'the core of a process has no `tc`');
      continue;
    }
    // The list of threads of a process that has ended is empty.
    if (ENDED.has(core.tc.task_state)) continue;
    if (task.threads.length > 0 && !task.threads.includes(task.pid)) {
      report.error('pstree.img', `process ${task.pid} is not among its own threads`);
    }
    for (const tid of task.threads) {
      if (tids.has(tid)) report.error('pstree.img', `thread ${tid} is there twice`);
      tids.add(tid);
      const thread = tid === task.pid ? core : report.attempt(() => set.core(tid));
      if (thread !== undefined) verifyThread(report, tid, thread, cgroups, filters);
    }
    verifyReferences(report, task, files, watched);
  }
  verifyEpolls(report, watched);
}

/** The cgroup sets of the checkpoint; `undefined` without cgroups. */
function cgroupSets(report: Report): ReadonlySet<number> | undefined {
  const { set } = report;
  if (!set.has('CGROUP')) return undefined;
  const ids = new Set(report.attempt(() => set.single('CGROUP'))?.sets.map(({ id }) => id));
  // The set of the dumping process may be missing: its tasks stay in the groups of the restore.
  const own = report.attempt(() => set.inventory())?.root_cg_set;
  if (own !== undefined) ids.add(own);
  return ids;
}

/** An epoll watches descriptors by number; one of the processes with the epoll must have each of them. */
function verifyEpolls(report: Report, watched: Watched): void {
  for (const [id, { held, fds }] of watched) {
    // An epoll in the queue of a socket belongs to no process.
    if (!held) continue;
    for (const fd of fds) {
      report.error('files.img', `epoll ${id} watches descriptor ${fd}, which no process that has it has`);
    }
  }
}

/** The image that each namespace of the tasks must have, by the field of the ids. */
const NAMESPACES = {
  net_ns_id: 'NETNS',
  ipc_ns_id: 'IPC_VAR',
  uts_ns_id: 'UTSNS',
  mnt_ns_id: 'MNTS',
  user_ns_id: 'USERNS',
} as const satisfies Partial<Record<keyof TaskKobjIdsEntry, ImageKind>>;

function verifyNamespaces(report: Report, pid: number, ids: TaskKobjIdsEntry): void {
  const { set } = report;
  // Namespaces of the dumping process are not dumped.
  const outside = report.attempt(() => set.inventory())?.root_ids;
  if (outside === undefined) return;
  for (const [field, kind] of Object.entries(NAMESPACES) as [keyof typeof NAMESPACES, ImageKind][]) {
    const id = ids[field];
    if (id === undefined || id === outside[field] || set.has(kind, id)) continue;
    const name = imageFileName(kind, id);
    // Engines that configure the network themselves leave this image out.
    if (kind === 'NETNS')
      report.warning(
        name,
        `process ${pid} is in this namespace, and the image is not there (dump --empty-ns net)`,
      );
    else report.error(name, `process ${pid} is in this namespace, and the image is not there`);
  }
}

function verifyTree(report: Report, tasks: readonly PstreeEntry[]): void {
  const pids = new Set<number>();
  let roots = 0;
  const wrong = (reason: string) => report.error('pstree.img', reason);
  for (const { pid, ppid } of tasks) {
    if (ppid === 0) roots++;
    else if (!pids.has(ppid)) wrong(`the parent ${ppid} of process ${pid} does not come before it`);
    if (pids.has(pid)) wrong(`process ${pid} is there twice`);
    pids.add(pid);
  }
  if (roots !== 1) wrong(`the tree has ${roots} roots`);
}

function verifyThread(
  report: Report,
  tid: number,
  core: CoreEntry,
  cgroups: ReadonlySet<number> | undefined,
  filters: number,
): void {
  const name = imageFileName('CORE', tid);
  for (const id of [core.tc?.cg_set, core.thread_core?.cg_set]) {
    if (id !== undefined && cgroups !== undefined && !cgroups.has(id)) {
      report.error(name, `the cgroup set ${id} is not in cgroup.img`);
    }
  }
  const { seccomp_mode: mode, seccomp_filter: filter = 0 } = core.thread_core ?? {};
  if (mode === SeccompMode.filter && filter >= filters) {
    report.error(name, `seccomp filter ${filter} is not in seccomp.img`);
  }
}

function verifyReferences(
  report: Report,
  { pid }: PstreeEntry,
  files: ReadonlyMap<number, FileEntry> | undefined,
  watched: Watched,
): void {
  const { set } = report;
  const ids = report.attempt(() => set.ids(pid));
  if (ids === undefined) report.error(imageFileName('IDS', pid), 'a living process has no ids');
  else {
    const name = imageFileName('FDINFO', ids.files_id);
    if (!set.has('FDINFO', ids.files_id)) {
      report.warning(name, `process ${pid} has no image of its descriptors, as if it had none`);
    }
    const seen = new Set<number>();
    const epolls: number[] = [];
    for (const entry of report.attempt(() => set.descriptors(pid)) ?? []) {
      if (seen.has(entry.fd)) report.error(name, `descriptor ${entry.fd} is there twice`);
      seen.add(entry.fd);
      if (files?.get(entry.id)?.epfd !== undefined) epolls.push(entry.id);
      const file = files?.get(entry.id);
      if (files !== undefined && file === undefined) {
        report.error(name, `descriptor ${entry.fd} refers to file ${entry.id}, which is not there`);
      } else if (file !== undefined && file.type !== entry.type && entry.type < FdTypes.CTL_TTY) {
        report.error(
          name,
          `descriptor ${entry.fd} and its file ${entry.id} are of types ${entry.type} and ${file.type}`,
        );
      }
    }
    for (const id of epolls) {
      const epoll = watched.get(id);
      if (epoll === undefined) continue;
      epoll.held = true;
      for (const fd of seen) epoll.fds.delete(fd);
    }
  }
  if (ids !== undefined) verifyNamespaces(report, pid, ids);
  const path = (owner: string, what: string, id: number) => {
    if (files !== undefined && files.get(id)?.reg === undefined)
      report.error(owner, `${what} refers to file ${id}, which is not there`);
  };
  const fs = report.attempt(() => set.single('FS', pid));
  if (fs !== undefined) {
    path(imageFileName('FS', pid), 'the working directory', fs.cwd_id);
    path(imageFileName('FS', pid), 'the root', fs.root_id);
  }
  const mm = report.attempt(() => set.single('MM', pid));
  if (mm !== undefined) path(imageFileName('MM', pid), 'the executable', mm.exe_file_id);
}
