// Processes: the tree, their images, and what those refer to.
import {
  type CoreEntry,
  FdTypes,
  type FileEntry,
  imageFileName,
  type PstreeEntry,
  SeccompMode,
} from '@criu/images';
import type { Report } from './report.js';

/** `task_core_entry.task_state` of processes that have ended and were not waited for; all they have is their core. */
const ENDED: ReadonlySet<number> = new Set([2, 6]);

export function verifyTasks(
  report: Report,
  tasks: readonly PstreeEntry[],
  files: ReadonlyMap<number, FileEntry> | undefined,
): void {
  const { set } = report;
  verifyTree(report, tasks);
  const cgroups = set.has('CGROUP') ? report.attempt(() => set.single('CGROUP')) : undefined;
  const sets = new Set(cgroups?.sets.map((entry) => entry.id));
  const filters = set.has('SECCOMP')
    ? (report.attempt(() => set.entries('SECCOMP'))?.[0]?.seccomp_filters.length ?? 0)
    : 0;
  for (const task of tasks) {
    const core = report.attempt(() => set.core(task.pid));
    if (core === undefined) continue;
    if (core.tc === undefined) {
      report.error(imageFileName('CORE', task.pid), 'the core of a process has no `tc`');
      continue;
    }
    // The list of threads of a process that has ended is not filled in.
    if (ENDED.has(core.tc.task_state)) continue;
    if (task.threads.length > 0 && !task.threads.includes(task.pid)) {
      report.error('pstree.img', `process ${task.pid} is not among its own threads`);
    }
    for (const tid of task.threads) {
      const thread = tid === task.pid ? core : report.attempt(() => set.core(tid));
      if (thread !== undefined) verifyThread(report, tid, thread, cgroups && sets, filters);
    }
    verifyReferences(report, task, files);
  }
}

function verifyTree(report: Report, tasks: readonly PstreeEntry[]): void {
  const pids = new Set<number>();
  const tids = new Set<number>();
  let roots = 0;
  const wrong = (reason: string) => report.error('pstree.img', reason);
  for (const { pid, ppid, threads } of tasks) {
    if (ppid === 0) roots++;
    else if (!pids.has(ppid)) wrong(`the parent ${ppid} of process ${pid} does not come before it`);
    if (pids.has(pid)) wrong(`process ${pid} is there twice`);
    pids.add(pid);
    for (const tid of threads) {
      if (tids.has(tid)) wrong(`thread ${tid} is there twice`);
      tids.add(tid);
    }
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
): void {
  const { set } = report;
  const ids = report.attempt(() => set.ids(pid));
  if (ids === undefined) report.error(imageFileName('IDS', pid), 'a living process has no ids');
  else {
    const name = imageFileName('FDINFO', ids.files_id);
    const seen = new Set<number>();
    for (const entry of report.attempt(() => set.entries('FDINFO', ids.files_id)) ?? []) {
      if (seen.has(entry.fd)) report.error(name, `descriptor ${entry.fd} is there twice`);
      seen.add(entry.fd);
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
  }
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
