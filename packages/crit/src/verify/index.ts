// Checks a whole checkpoint: all files are readable, all references resolve, and all pages exist.
import { detectKind, fileChunks, IMAGE_VERSIONS, ImageDecoder, ImageSet, parseFileName } from '@criu/images';
import { verifyFiles } from './files.js';
import { verifyMemory } from './memory.js';
import { type Problem, Report } from './report.js';
import { verifyTasks } from './tasks.js';

export type { Problem } from './report.js';

export interface Verification {
  /** Number of checked files. */
  readonly files: number;
  readonly problems: readonly Problem[];
}

export function verify(dir: string): Verification {
  const set = new ImageSet(dir);
  const report = new Report(set);
  const names = set.names();
  for (const name of names) report.attempt(() => verifyFile(report, name));
  const inventory = report.attempt(() => set.inventory());
  // The inventory of a pre-dump has version 0.
  if (
    inventory !== undefined &&
    inventory.img_version !== 0 &&
    !IMAGE_VERSIONS.includes(inventory.img_version)
  )
    report.error('inventory.img', `format version ${inventory.img_version} is not known`);
  const files = report.attempt(() => set.files());
  const tasks = report.attempt(() => set.tasks());
  if (files !== undefined) verifyFiles(report, files);
  if (tasks !== undefined) {
    verifyTasks(report, tasks, files);
    verifyMemory(report, tasks, names, files);
  }
  return { files: names.length, problems: report.problems };
}

/** Reads a file to its end without storing it. */
function verifyFile(report: Report, name: string): void {
  const parsed = parseFileName(name);
  if (parsed.is === 'raw') return;
  const path = report.set.path(name);
  if (parsed.is === 'image') {
    const decoder = new ImageDecoder({ entry: () => {} }, { kind: parsed.kind, file: path });
    for (const chunk of fileChunks(path)) decoder.push(chunk);
    decoder.end();
    return;
  }
  if (!name.endsWith('.img')) return;
  for (const chunk of fileChunks(path)) {
    const kind = detectKind(chunk);
    if (kind !== undefined)
      report.warning(name, `this is a ${kind} image under a name that nothing looks for`);
    return;
  }
}
