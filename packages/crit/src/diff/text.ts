// Differences as text: lines with `+` for additions, `-` for removals, `~` for changes.
import type { DescriptorRow, MappingRow } from '../explore.js';
import type { CheckpointDiff, ItemChange, ProcessDiff } from './checkpoint.js';
import type { ImageDiff, RawDiff } from './image.js';
import type { MemoryDiff, PageCounts } from './memory.js';
import type { FieldChange } from './messages.js';

export interface DiffTextOptions {
  /** Print all lines, and values in full. */
  readonly all?: boolean | undefined;
}

const SHORT = { lines: 12, value: 120 } as const;
const SIGNS = { added: '+', removed: '-', changed: '~' } as const;
const hex = (value: bigint): string => value.toString(16).padStart(12, '0');

export function imageDiffText(diff: ImageDiff, options: DiffTextOptions = {}): string {
  if (diff.raw !== undefined) return `${rawText(diff.raw)}\n`;
  const lines = fieldLines(diff.changes, options);
  return lines.map((line) => `${line}\n`).join('');
}

export function checkpointDiffText(diff: CheckpointDiff, options: DiffTextOptions = {}): string {
  const lines: string[] = [];
  for (const process of diff.processes) lines.push(...processLines(process, options));
  for (const shared of diff.sharedMemory) {
    lines.push(`${SIGNS[shared.change]} shared memory ${shared.id}`);
    if (shared.same !== undefined) lines.push(...memoryLines(shared as MemoryDiff, options));
  }
  for (const image of diff.images) {
    lines.push(`${SIGNS[image.change]} ${image.name}`);
    if (image.raw !== undefined) lines.push(`    ${rawText(image.raw)}`);
    lines.push(...fieldLines(image.changes ?? [], options).map((line) => `    ${line}`));
  }
  return lines.map((line) => `${line}\n`).join('');
}

function processLines(process: ProcessDiff, options: DiffTextOptions): string[] {
  const lines = [`${SIGNS[process.change]} process ${process.pid} ${process.comm}`];
  const show = <T>(items: readonly ItemChange<T>[], text: (item: T) => string): string[] =>
    items.map(({ before, after }) => {
      const [old, now] = [before && text(before), after && text(after)];
      if (old === undefined) return `+ ${now}`;
      return now === undefined ? `- ${old}` : `~ ${old} → ${now}`;
    });
  const descriptor = ({ fd, file }: DescriptorRow) => `fd ${fd}: ${file}`;
  const mapping = ({ start, end, prot, what }: MappingRow) =>
    `${hex(start)}-${hex(end)} ${prot} ${what}`.trimEnd();
  lines.push(...shorten(show(process.descriptors, descriptor), options).map((line) => `    ${line}`));
  lines.push(...shorten(show(process.mappings, mapping), options).map((line) => `    ${line}`));
  if (process.memory !== undefined) lines.push(...memoryLines(process.memory, options));
  return lines;
}

function memoryLines(memory: MemoryDiff, options: DiffTextOptions): string[] {
  if (memory.changed + memory.added + memory.removed === 0) return [];
  const rows = memory.mappings.map(
    (row) => `    ${hex(row.start)}-${hex(row.end)} ${row.what}: ${countsText(row)}`,
  );
  const ranges = (memory.ranges ?? []).map(
    ({ start, end, change }) => `    ${SIGNS[change]} ${hex(start)}-${hex(end)} ${(end - start) >> 12n}`,
  );
  return [
    `    pages: ${countsText(memory)}`,
    ...shorten(rows, options).map((row) => `    ${row}`),
    ...ranges,
  ];
}

function countsText({ same, changed, added, removed }: PageCounts): string {
  const parts = [
    [changed, 'changed'],
    [added, 'new'],
    [removed, 'gone'],
    [same, 'the same'],
  ] as const;
  return parts
    .filter(([count]) => count > 0)
    .map(([count, word]) => `${count} ${word}`)
    .join(', ');
}

function fieldLines(changes: readonly FieldChange[], options: DiffTextOptions): string[] {
  const cut = (value: string | undefined): string => {
    if (value === undefined || options.all || value.length <= SHORT.value) return value ?? '';
    return `${value.slice(0, SHORT.value)}…`;
  };
  const lines = changes.map(({ change, path, before, after }) => {
    const value = change === 'changed' ? changedText(before ?? '', after ?? '', cut) : cut(before ?? after);
    return `${SIGNS[change]} ${path}: ${value}`;
  });
  return shorten(lines, options);
}

/** Long values are shown from shortly before their first difference. */
function changedText(before: string, after: string, cut: (value: string) => string): string {
  if (Math.max(before.length, after.length) <= SHORT.value) return `${before} → ${after}`;
  let at = 0;
  while (at < before.length && before[at] === after[at]) at++;
  const from = Math.max(0, at - 20);
  const tail = (value: string) =>
    from === 0 || cut(value) === value ? cut(value) : `…${cut(value.slice(from))}`;
  return `${tail(before)} → ${tail(after)}`;
}

function shorten(lines: readonly string[], options: DiffTextOptions): string[] {
  if (options.all || lines.length <= SHORT.lines) return [...lines];
  const left = lines.length - SHORT.lines + 1;
  return [...lines.slice(0, SHORT.lines - 1), `… and ${left} more (--all shows them)`];
}

function rawText({ sizeBefore, sizeAfter, firstDifference, blocks }: RawDiff): string {
  const size = sizeBefore === sizeAfter ? `${sizeAfter} bytes` : `${sizeBefore} → ${sizeAfter} bytes`;
  const many = blocks === 1 ? 'block of 4096 bytes differs' : 'blocks of 4096 bytes differ';
  return `${size}, ${blocks} ${many}, from offset ${firstDifference}`;
}
