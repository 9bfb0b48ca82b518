// Images that were changed: nothing is removed but what a dump has made, and the untouched ones still restore.
import { cpSync, existsSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  type EncodableItem,
  encodeImage,
  type GhostFileEntry,
  type ImageKind,
  type ImageMessages,
  readImageSync,
} from '@criu/images';
import { afterAll, afterEach, beforeEach, describe, expect, it } from 'vitest';
import { dump, planRestore, type RestoreOptions, restore } from '../../src/index.js';
import { cleanUp, isRoot, type Victim } from '../dump/victim.js';
import { free, freshDir } from '../support.js';
import { freshFolder, list, start } from './support.js';

afterAll(cleanUp);

/** A copy of images in which the entries of one are changed. */
function changed<K extends ImageKind>(
  images: string,
  file: string,
  kind: K,
  change: (entry: ImageMessages[K], index: number) => ImageMessages[K],
): string {
  const dir = freshDir();
  cpSync(images, dir, { recursive: true });
  const items = readImageSync(join(dir, file), kind);
  const out = items.map((item, i) => ({ ...item, entry: change(item.entry, i) }));
  writeFileSync(join(dir, file), encodeImage(kind, out as EncodableItem<ImageMessages[K]>[]));
  return dir;
}

describe.skipIf(!isRoot)('changed images (needs root)', () => {
  let folder: string;
  let victim: Victim;
  let images: string;

  async function prepare(name: 'deleted' | 'links'): Promise<void> {
    folder = freshFolder();
    victim = await start(name, folder);
    images = freshDir();
    const { pid } = victim;
    await dump({ pid, imagesDir: images, linkRemap: true });
    await free([pid]);
  }
  /** The restore says no, and nothing is gone. */
  async function refused(
    imagesDir: string,
    message: RegExp,
    attempt: (options: RestoreOptions) => Promise<unknown> = restore,
  ): Promise<void> {
    const before = list(folder);
    const error = await attempt({ imagesDir, detached: true }).catch((e: unknown) => e);
    expect(error).toMatchObject({ code: 'BAD_IMAGE', message: expect.stringMatching(message) });
    expect(list(folder)).toEqual(before);
    expect(existsSync(`/proc/${victim.pid}`)).toBe(false);
  }
  const notPlanned = (imagesDir: string, message: RegExp) => refused(imagesDir, message, planRestore);
  afterEach(() => victim.end());

  describe('of a file that has a link of the dump', () => {
    beforeEach(() => prepare('links'));

    it('cannot have another file removed', async () => {
      const [first, ...others] = readImageSync(join(images, 'remap-fpath.img'), 'REMAP_FPATH');
      const rename = (id: number | undefined, name: string, dir = images) =>
        changed(dir, 'files.img', 'FILES', (entry) =>
          entry.reg && entry.reg.id === id ? { ...entry, reg: { ...entry.reg, name } } : entry,
        );
      const note = join(folder, 'note');
      writeFileSync(note, 'mine');
      const target = first?.entry.remap_id;
      await refused(rename(target, note), /not the name of a link/);
      await refused(rename(target, '/etc/link_remap.1'), /not the name of a link/);
      await refused(rename(target, `${folder}/below/link_remap.1`), /not the name of a link/);
      await refused(rename(target, `${folder}/link_remap.1/../note`), /not a plain path/);
      // One that is open itself, by a name that a link could have.
      const open = others[0]?.entry.orig_id ?? 0;
      const stray = rename(open, `${folder}/link_remap.1`);
      await refused(
        changed(stray, 'remap-fpath.img', 'REMAP_FPATH', (entry, i) =>
          i === 0 ? { ...entry, remap_id: open } : entry,
        ),
        /in use itself/,
      );
      expect(readFileSync(note, 'utf8')).toBe('mine');
      rmSync(note);
      await restore({ imagesDir: images, detached: true });
      expect(await victim.verify()).toBe('ok');
    });

    it('have remaps that fit together', async () => {
      const first = (more: Partial<ImageMessages['REMAP_FPATH']>) =>
        changed(images, 'remap-fpath.img', 'REMAP_FPATH', (entry, i) =>
          i === 0 ? { ...entry, ...more } : entry,
        );
      const [, second] = readImageSync(join(images, 'remap-fpath.img'), 'REMAP_FPATH');
      await refused(first({ remap_type: 7 as never }), /remap type 7/);
      await refused(first({ orig_id: 99999 }), /file id 99999/);
      await refused(first({ remap_id: 99999 }), /remap 99999/);
      await refused(first({ orig_id: second?.entry.orig_id ?? 0 }), /remapped twice/);
      await restore({ imagesDir: images, detached: true });
      expect(await victim.verify()).toBe('ok');
    });
  });

  it('of deleted files have what fits together, or are refused before anything is made', async () => {
    await prepare('deleted');
    const remaps = readImageSync(join(images, 'remap-fpath.img'), 'REMAP_FPATH').map(({ entry }) => entry);
    // A ghost said to be a link: what has its number is another file, the program, say.
    for (const { orig_id } of remaps)
      await notPlanned(
        changed(images, 'remap-fpath.img', 'REMAP_FPATH', (entry) =>
          entry.orig_id === orig_id ? { ...entry, remap_type: 0 } : entry,
        ),
        /not the name of a link|is not a regular file|in use itself/,
      );
    const ghosts = [...new Set(remaps.map(({ remap_id: id }) => `ghost-file-${id.toString(16)}.img`))];
    for (const name of ghosts) {
      const other = (change: (entry: GhostFileEntry) => GhostFileEntry) =>
        changed(images, name, 'GHOST_FILE', (entry) => ('mode' in entry ? change(entry) : entry));
      await notPlanned(
        other((entry) => ({ ...entry, mode: entry.mode ^ 0o060000 })),
        /different kinds|device without number|leads nowhere/,
      );
      await notPlanned(
        other((entry) => ({ ...entry, xattr_names: [...entry.xattr_names, 'user.more'] })),
        /names of extended attributes/,
      );
    }
    const sparse = ghosts.find((name) => readImageSync(join(images, name), 'GHOST_FILE').length > 1) ?? '';
    await refused(
      changed(images, sparse, 'GHOST_FILE', (entry) =>
        'off' in entry ? { ...entry, off: entry.off + (1n << 40n) } : entry,
      ),
      /a piece of/,
    );
    const cut = changed(images, sparse, 'GHOST_FILE', (entry) => entry);
    truncateSync(join(cut, sparse), 100);
    await refused(cut, /said to follow/);
    await restore({ imagesDir: images, detached: true });
    expect(await victim.verify()).toBe('ok');
  });
});
