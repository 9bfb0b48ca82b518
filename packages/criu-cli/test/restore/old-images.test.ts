// Images as older versions of CRIU wrote them are restored: before 3.0 each type of open file had an image of its own, before that
// mappings and ids stood in images of their own as well.
import { existsSync, mkdirSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import {
  type FileEntry,
  fileTypes,
  type ImageKind,
  imageFileName,
  parseFileName,
  readImageSync,
  writeImageSync,
} from '@criu/images';
import { afterAll, describe, expect, it } from 'vitest';
import { Checkpoint } from '../../src/images/checkpoint.js';
import { dump, restore } from '../../src/operations.js';
import { cleanUp, isRoot, scratch, Victim } from '../dump/victim.js';
import { family, free } from '../support.js';

afterAll(cleanUp);

/** The same open files, each in the image of its type. */
function splitFiles(dir: string): Set<string> {
  const files = readImageSync(join(dir, 'files.img'), 'FILES').map(({ entry }) => entry);
  const written = new Set<string>();
  const left: FileEntry[] = [];
  const byKind = new Map<ImageKind, { entry: object }[]>();
  for (const file of files) {
    const { field, kind } = fileTypes.find(({ type }) => type === file.type) ?? {};
    const entry = field && file[field];
    if (kind && entry) byKind.set(kind, [...(byKind.get(kind) ?? []), { entry }]);
    else left.push(file);
  }
  for (const [kind, items] of byKind) {
    const name = imageFileName(kind);
    written.add(name);
    writeImageSync(join(dir, name), kind, items as never);
  }
  rmSync(join(dir, 'files.img'));
  // Types that those versions did not have.
  if (left.length > 0)
    writeImageSync(
      join(dir, 'files.img'),
      'FILES',
      left.map((entry) => ({ entry })),
    );
  return written;
}

/** The same tasks, with mappings and ids beside what they belong to. */
function splitTasks(dir: string): void {
  for (const name of readdirSync(dir)) {
    const parsed = parseFileName(name);
    if (parsed.is !== 'image') continue;
    const path = join(dir, name);
    if (parsed.kind === 'MM') {
      const [item] = readImageSync(path, 'MM');
      if (!item) throw new Error(`${name} has no entry`);
      const vmas = item.entry.vmas.map((entry) => ({ entry }));
      writeImageSync(join(dir, imageFileName('VMAS', parsed.id)), 'VMAS', vmas);
      writeImageSync(path, 'MM', [{ entry: { ...item.entry, vmas: [] } }]);
    }
    if (parsed.kind === 'CORE') {
      const [item] = readImageSync(path, 'CORE');
      if (!item?.entry.ids) continue;
      const { ids, ...entry } = item.entry;
      writeImageSync(join(dir, imageFileName('IDS', parsed.id)), 'IDS', [{ entry: ids }]);
      writeImageSync(path, 'CORE', [{ entry }]);
    }
  }
}

describe.skipIf(!isRoot)('images of older versions of CRIU (needs root)', () => {
  it('are restored as those of today', async () => {
    const victim = await Victim.start('everything');
    try {
      const imagesDir = join(scratch(), 'old-images');
      mkdirSync(imagesDir);
      const pids = family(victim.pid);
      await dump({ pid: victim.pid, imagesDir });
      await free(pids);
      const before = Checkpoint.of(imagesDir);
      const written = splitFiles(imagesDir);
      expect([...written]).toEqual(expect.arrayContaining(['reg-files.img', 'pipes.img']));
      splitTasks(imagesDir);
      expect(existsSync(join(imagesDir, `vmas-${victim.pid}.img`))).toBe(true);
      expect(existsSync(join(imagesDir, `ids-${victim.pid}.img`))).toBe(true);
      const after = Checkpoint.of(imagesDir);
      expect(new Set(after.files.keys())).toEqual(new Set(before.files.keys()));
      expect(after.root.mm.vmas.list()).toEqual(before.root.mm.vmas.list());
      expect(after.root.ids).toEqual(before.root.ids);
      await restore({ imagesDir, detached: true });
      expect(await victim.verify()).toBe('ok');
    } finally {
      await victim.end();
    }
  });
});
