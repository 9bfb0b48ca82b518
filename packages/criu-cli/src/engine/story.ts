// Describes a restore plan from its preparations to the moment when the tasks run, for printing before anything is
// done.
import { callName, Program, type ProgramLine } from '@criu/compel';
import { showName } from '@criu/native';
import type { ImageTask } from '../images/checkpoint.js';
import type { NamespaceName } from '../proc/namespaces.js';
import { born, death, session } from './birth-programs.js';
import { lostGroups } from './births.js';
import type { Draft } from './draft.js';
import { PHASES, type PhaseName, STORY, type StoryName } from './phases.js';
import type { TaskPlan } from './plan.js';
import { birthsOf } from './spawn.js';

/** One line of a printed plan. */
export interface PlanLine {
  /** Pid of the task that executes the step; null for the restoring process. */
  readonly task: number | null;
  readonly phase: StoryName;
  readonly title: string;
  readonly needs: readonly string[];
  readonly steps: readonly ProgramLine[];
}

function line(
  task: number | null,
  phase: StoryName,
  title: string,
  steps: readonly ProgramLine[] = [],
): PlanLine {
  return { task, phase, title, needs: [], steps };
}

/** All steps in the order of execution: all tasks finish a stage before one of them enters the next. */
export function storyLines(draft: Draft, stages: readonly (readonly PhaseName[])[]): PlanLine[] {
  const ours = (phase: StoryName, actions: readonly { readonly what: string }[]) =>
    actions.map(({ what }) => line(null, phase, what));
  const { tasks } = draft;
  return [
    ...ours('prepare', draft.preparations),
    ...birthLines(draft),
    ...ours('birth', draft.spawnActions),
    ...stages.flatMap((phases) => [
      ...tasks.flatMap((plan) => phases.flatMap((phase) => phaseLines(plan, phase))),
      ...phases.flatMap((phase) => ours(phase, draft.phaseActions.get(phase) ?? [])),
    ]),
    ...tasks.flatMap(lastLines),
    ...ours('go', draft.lastActions),
    ...tasks.map(({ pid, task }) =>
      line(pid, 'go', `${threadsOf(task)} ${task.threads.length === 1 ? 'goes' : 'go'} on`),
    ),
    ...ours('go', draft.goneActions),
    ...ours('go', draft.lasting),
  ];
}

function threadsOf({ threads: { length } }: ImageTask): string {
  return length === 1 ? 'its thread' : `its ${length} threads`;
}

function phaseLines(plan: TaskPlan, phase: PhaseName): PlanLine[] {
  return plan.steps(phase).flatMap(({ program, does = [], title, needs }) => {
    if (program instanceof Program && program.length === 0) return [];
    const steps = program instanceof Program ? program.describe() : does.map((call) => ({ call }));
    return [{ task: plan.pid, phase, title, needs: needs.map((slot) => slot.name), steps }];
  });
}

/** The creation of tasks in order: parent and first program of each. */
function birthLines(draft: Draft): PlanLine[] {
  const { root, tasks } = draft.checkpoint;
  const births = birthsOf(draft);
  const lines: PlanLine[] = [];
  const be = (task: ImageTask, title: string): void => {
    const plan = draft.taskOf(task.pid);
    const first = plan ? born(plan, task === root ? undefined : plan.controlFd).describe() : [];
    const leads = task !== root && task.sid === task.pid ? session(task.pid).describe() : [];
    lines.push(line(task.pid, 'birth', title, first));
    if (plan) lines.push(...EARLY.flatMap((phase) => phaseLines(plan, phase)));
    const { early = [], late = [], orphaned, adopted = [] } = births.get(task.pid) ?? {};
    for (const child of early) be(child, `born of ${task.pid}, into the session in which that one was born`);
    if (leads.length > 0) lines.push(line(task.pid, 'birth', 'leads a session', leads));
    for (const child of late) be(child, `born of ${task.pid}`);
    for (const [sid, children] of orphaned ?? [])
      for (const child of children)
        be(child, `born as a child of ${task.pid}, by a helper that leads session ${sid}`);
    for (const child of adopted)
      be(child, `born of a helper in session ${child.sid}, which leaves it to ${task.pid}`);
  };
  be(root, root.sid === root.pid ? 'born of criu, as the leader of a session' : 'born of criu');
  const lost = lostGroups(tasks);
  for (const [pgid, maker] of lost)
    lines.push(line(maker.pid, 'birth', `makes process group ${pgid}, whose leader is gone`));
  // A process group from outside of the tree is inherited, not joined.
  const there = new Set([
    ...tasks.map(({ pid }) => pid),
    ...lost.keys(),
    ...[...births.values()].flatMap(({ orphaned }) => [...orphaned.keys()]),
  ]);
  for (const { pid, pgid, sid } of tasks) {
    if (pgid === pid ? sid === pid : !there.has(pgid)) continue;
    lines.push(line(pid, 'birth', `joins process group ${pgid}`, [{ call: `setpgid(0, ${pgid})` }]));
  }
  for (const task of tasks)
    if (!draft.taskOf(task.pid))
      lines.push(line(task.pid, 'birth', 'ends as a zombie', death(task).describe()));
  return lines;
}

const EARLY = PHASES.flatMap((phase) => ('early' in phase ? [phase.name] : []));

/** What the tracer does to a task after all its phases. */
function lastLines({ pid, task, finalCalls, finalPrograms, lastPrograms, place }: TaskPlan): PlanLine[] {
  return [
    line(pid, 'arm', `the tracer stops ${threadsOf(task)}`),
    ...finalCalls.map(({ tid, label, nr }) =>
      line(pid, 'final-calls', `thread ${tid}: ${label}`, [{ call: callName(nr) }]),
    ),
    ...[...finalPrograms, ...lastPrograms].map(({ tid, program }) =>
      line(pid, 'final-calls', `thread ${tid}: ${program.title}`, program.describe()),
    ),
    line(pid, 'registers', 'the agent goes; registers, XSAVE areas and signal masks of all threads', [
      { call: 'close', label: 'control descriptor' },
      { call: `munmap(0x${place.base.toString(16)}, ${place.size})`, label: 'the agent' },
    ]),
  ];
}

export function storyJson(
  draft: Draft,
  namespaces: readonly NamespaceName[],
  lines: readonly PlanLine[],
): unknown {
  return {
    namespaces,
    tasks: draft.checkpoint.tasks.map((t) => ({
      pid: t.pid,
      ppid: t.ppid,
      pgid: t.pgid,
      sid: t.sid,
      state: t.dead ? 'zombie' : 'alive',
      threads: t.threads.map((x) => x.tid),
    })),
    phases: STORY,
    steps: lines,
  };
}

export function storyText(
  draft: Draft,
  namespaces: readonly NamespaceName[],
  lines: readonly PlanLine[],
): string {
  const out: string[] = namespaces.length ? [`in new namespaces: ${namespaces.join(', ')}`] : [];
  for (const t of draft.checkpoint.tasks) {
    const more = t.threads.length > 1 ? `, ${t.threads.length} threads` : '';
    out.push(
      `task ${t.pid} (${showName(t.core.tc.comm)})${t.dead ? ', zombie' : ''}: parent ${t.ppid}, group ${t.pgid}, session ${t.sid}${more}`,
    );
  }
  for (const { task, phase, title, needs, steps } of lines) {
    const after = needs.length ? ` (needs ${needs.join(', ')})` : '';
    out.push('', `${task ?? 'criu'} ${phase}: ${showName(title)}${after}`);
    for (const { call, label } of steps) out.push(`  ${call}${label ? `  # ${showName(label)}` : ''}`);
  }
  return `${out.join('\n')}\n`;
}
