// The output of `criu restore --dry-run`: what a restore would do and find on this machine, as text or as JSON
// (--json).
import { PAGE_SIZE, totalPages } from '@criu/images';
import { showName } from '@criu/native';
import type { Survey } from '../engine/survey.js';
import { CriuError } from '../errors.js';
import type { ImageTask } from '../images/checkpoint.js';
import { NAMESPACES } from '../proc/namespaces.js';
import type { Style } from './style.js';

export interface SurveyText {
  readonly imagesDir: string;
  readonly style: Style;
  /** Run without root privileges, so that what only root can read was not looked at. */
  readonly unprivileged: boolean;
  /** List all files, not only those with problems. */
  readonly verbose: boolean;
}

const count = (n: number, one: string, more = `${one}s`) => `${n} ${n === 1 ? one : more}`;

/** A number of bytes with a unit. */
export function sizeText(bytes: number): string {
  const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB'];
  const power = bytes < 1 ? 0 : Math.min(units.length - 1, Math.floor(Math.log2(bytes) / 10));
  return `${(bytes / 1024 ** power).toFixed(power > 1 ? 1 : 0)} ${units[power]}`;
}

function memoryOf({ pagemap }: ImageTask): number {
  return pagemap ? totalPages(pagemap) * PAGE_SIZE : 0;
}

function taskText(task: ImageTask, style: Style): string {
  const name = style.strong(showName(task.core.tc.comm));
  if (task.dead) return `${task.pid} ${name} ${style.faint('zombie')}`;
  const facts = [
    ...(task.threads.length > 1 ? [count(task.threads.length, 'thread')] : []),
    count(task.fds.length, 'descriptor'),
    sizeText(memoryOf(task)),
  ];
  return `${task.pid} ${name} ${style.faint(facts.join(', '))}`;
}

/** A task and its descendants as a tree. */
function treeLines(task: ImageTask, style: Style): string[] {
  const lines = [taskText(task, style)];
  for (const [i, child] of task.children.entries()) {
    const last = i === task.children.length - 1;
    const [head = '', ...rest] = treeLines(child, style);
    lines.push(`${last ? '└─ ' : '├─ '}${head}`, ...rest.map((line) => `${last ? '   ' : '│  '}${line}`));
  }
  return lines;
}

function originText({ checkpoint: { origin } }: Survey): string {
  const { dumped_at: at, dumped_by: by, kernel, machine } = origin;
  const when =
    at === undefined
      ? ''
      : ` on ${new Date(Number(at) * 1000).toISOString().slice(0, 16).replace('T', ' ')} UTC`;
  const where = machine === undefined ? '' : ` on ${showName(machine)}`;
  const how = [by, kernel === undefined ? undefined : `Linux ${kernel}`]
    .filter((one) => one !== undefined)
    .map(showName);
  return when || where || how.length > 0
    ? `, dumped${when}${where}${how.length ? ` (${how.join(', ')})` : ''}`
    : '';
}

function namespaceText({ namespaces }: Survey): string {
  const shared = NAMESPACES.filter((name) => !namespaces.includes(name) && name !== 'time');
  const made = namespaces.length > 0 ? `new: ${namespaces.join(', ')}` : 'none is made';
  return shared.length > 0 ? `${made}; of this machine: ${shared.join(', ')}` : made;
}

function portsText({ files }: Survey): string {
  return files
    .filter(({ kind }) => kind === 'port')
    .map(
      ({ name, found }) =>
        `${name} ${found instanceof CriuError ? 'is taken' : found === 'there' ? 'is free' : 'of a new network namespace'}`,
    )
    .join(', ');
}

function filesText(survey: Survey): string {
  const files = survey.files.filter(({ kind }) => kind !== 'port');
  if (files.length === 0) return 'none has to be there';
  const wrong = files.filter(({ found }) => found instanceof CriuError).length;
  const unseen = files.filter(({ found }) => found === 'unseen').length;
  const there = files.length - wrong - unseen;
  const parts = [
    ...(there > 0 ? [`${there} as they were`] : []),
    ...(wrong > 0 ? [`${wrong} not`] : []),
    ...(unseen > 0 ? [`${unseen} on mounts of the tasks' own, not looked at`] : []),
  ];
  return `${count(files.length, 'has', 'have')} to be there: ${parts.join(', ')}`;
}

function pidsText({ checkpoint, takenPids }: Survey): string {
  if (takenPids === undefined) return 'those of a new pid namespace';
  if (takenPids.size > 0)
    return [...takenPids].map(([pid, name]) => `${pid} is taken by ${showName(name)}`).join(', ');
  const [first] = checkpoint.tasks;
  return checkpoint.tasks.length === 1 && first ? `${first.pid} is free` : 'all are free';
}

function memoryText({ memory: { wanted, available } }: Survey, style: Style): string {
  const wants = `${sizeText(wanted)} to be brought back`;
  if (available === undefined) return wants;
  const text = `${wants}, ${sizeText(available)} are available`;
  return wanted > available ? style.warning(text) : text;
}

/** Problems grouped by remedy, with the remedy below each group. */
function problemLines(problems: readonly CriuError[], style: Style): string[] {
  const byRemedy = new Map<string, CriuError[]>();
  for (const problem of problems) {
    const { remedy = '' } = problem;
    byRemedy.set(remedy, [...(byRemedy.get(remedy) ?? []), problem]);
  }
  return [...byRemedy].flatMap(([remedy, some]) => [
    ...some.map(({ summary, code }) => `  ${style.error(summary)} ${style.faint(`[${code}]`)}`),
    ...(remedy ? [`    ${remedy}`] : []),
  ]);
}

function verdict({ problems }: Survey, { style, unprivileged }: SurveyText): string {
  if (problems.length > 0) return style.error('It cannot be restored like this.');
  const asRoot = unprivileged ? ', by root (what the kernel can do was not looked at: that takes root)' : '';
  return `${style.good('Nothing is in the way of a restore')}${asRoot}.`;
}

/** The report as text. */
export function surveyText(survey: Survey, options: SurveyText): string {
  const { checkpoint, files, problems, features } = survey;
  const { style } = options;
  const row = (name: string, text: string) => `${name.padEnd(12)}${text}`;
  const lines = [
    `${count(checkpoint.tasks.length, 'task')} in ${showName(options.imagesDir)}${originText(survey)}`,
    '',
    ...treeLines(checkpoint.root, style).map((line) => `  ${line}`),
    '',
    row('namespaces', namespaceText(survey)),
    row('pids', pidsText(survey)),
    ...(files.some(({ kind }) => kind === 'port') ? [row('ports', portsText(survey))] : []),
    row('memory', memoryText(survey, style)),
    row('files', filesText(survey)),
    ...(features.length > 0
      ? [row('kernel', `${count(features.length, 'feature')} looked for: ${features.join(', ')}`)]
      : []),
  ];
  if (options.verbose)
    for (const { name, found } of files.filter(({ kind }) => kind !== 'port'))
      lines.push(
        `  ${showName(name)}: ${found instanceof CriuError ? found.message : found === 'there' ? 'as it was' : 'not looked at'}`,
      );
  if (problems.length > 0)
    lines.push(
      '',
      `${count(problems.length, 'thing is', 'things are')} in the way:`,
      ...problemLines(problems, style),
    );
  lines.push('', verdict(survey, options));
  return `${lines.join('\n')}\n`;
}

/** The report as data, with the plan if there is one. */
export function surveyJson({
  plan,
  problems,
  files,
  takenPids,
  namespaces,
  memory,
  features,
  checkpoint,
}: Survey): object {
  const { dumped_at: at, dumped_by: by, kernel, machine } = checkpoint.origin;
  return {
    works: problems.length === 0,
    problems: problems.map(({ code, message, object, remedy, summary }) => ({
      code,
      summary,
      message,
      object,
      remedy,
    })),
    dumped: { at: at === undefined ? undefined : Number(at), by, kernel, machine },
    memory,
    features,
    takenPids: [...(takenPids ?? [])].map(([pid, by_]) => ({ pid, by: by_ })),
    files: files.map(({ kind, name, found }) => ({
      kind,
      name,
      ...(found instanceof CriuError ? { found: 'wrong', reason: found.message } : { found }),
    })),
    namespaces,
    ...(plan
      ? (plan.toJSON() as object)
      : {
          tasks: checkpoint.tasks.map(({ pid, ppid, pgid, sid, dead, threads }) => ({
            pid,
            ppid,
            pgid,
            sid,
            state: dead ? 'zombie' : 'alive',
            threads: threads.map(({ tid }) => tid),
          })),
        }),
  };
}
