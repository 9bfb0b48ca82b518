// Archives of a few plain files: made by us and read by tar(1), made by tar and read by us, and what is left to tar.
import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  closeSync,
  linkSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  createSmall,
  extractSmall,
  plainFiles,
  readSmall,
  writeSmall,
} from '../../src/resources/namespaces/mnt/small-archive.js';

let top = '';
const at = (name: string) => join(top, name);
beforeEach(() => {
  top = mkdtempSync('/dev/shm/small-archive-');
  for (const name of ['from', 'to', 'from/folder', 'from/folder/deep']) mkdirSync(at(name));
  writeFileSync(at('from/file'), 'content\n');
  writeFileSync(at('from/empty'), '');
  writeFileSync(at('from/folder/deep/grown'), Buffer.alloc(1500, 7));
  chmodSync(at('from/file'), 0o4711);
  chmodSync(at('from/folder'), 0o1750);
  utimesSync(at('from/file'), 1_000_000_000.5, 1_000_000_000.25);
  utimesSync(at('from/folder'), 5, 5.125);
});
afterEach(() => rmSync(top, { recursive: true, force: true }));

async function on<T>(
  path: string,
  use: (fd: number) => T | Promise<T>,
  flags: string | number = 'r',
): Promise<T> {
  const fd = openSync(path, flags, 0o600);
  try {
    return await use(fd);
  } finally {
    closeSync(fd);
  }
}

/** All that has to be the same. */
function look(root: string): unknown {
  return ['.', 'file', 'empty', 'folder', 'folder/deep', 'folder/deep/grown'].map((name) => {
    const { mode, uid, gid, mtimeNs } = statSync(join(root, name), { bigint: true });
    const content = Number(mode) & 0o100000 ? readFileSync(join(root, name)) : '';
    return { name, mode, uid, gid, mtimeNs, content };
  });
}

const write = () => on(at('from'), (folder) => on(at('image'), (image) => createSmall(folder, image), 'w'));
const read = () => on(at('image'), (image) => on(at('to'), (folder) => extractSmall(image, folder)));
const byTar = (...args: string[]) => execFileSync('tar', args, { stdio: 'pipe' });

describe('a small archive', () => {
  it('is read by tar as it was, and by us', async () => {
    expect(await write()).toBe(true);
    byTar('--extract', '--gzip', '--preserve-permissions', '--file', at('image'), '--directory', at('to'));
    expect(look(at('to'))).toEqual(look(at('from')));
    rmSync(at('to'), { recursive: true });
    mkdirSync(at('to'));
    expect(await read()).toBe(true);
    expect(look(at('to'))).toEqual(look(at('from')));
  });

  it.each([[[]], [['--xattrs', '--acls']]])('that tar has made (%s) is read by us', async (more) => {
    utimesSync(at('from/file'), 7, 7);
    utimesSync(at('from/folder'), 8, 8);
    for (const name of ['folder/deep/grown', 'folder/deep', 'folder', 'empty', '.'])
      utimesSync(at(`from/${name}`), 9, 9);
    byTar('--create', '--gzip', ...more, '--file', at('image'), '--directory', at('from'), '.');
    expect(await read()).toBe(true);
    expect(look(at('to'))).toEqual(look(at('from')));
  });

  it.each<[string, () => void]>([
    ['a symbolic link', () => symlinkSync('file', at('from/link'))],
    ['a file with two names', () => linkSync(at('from/file'), at('from/second'))],
    ['a file with a hole', () => truncateSync(at('from/empty'), 1 << 16)],
    ['many bytes', () => writeFileSync(at('from/empty'), Buffer.alloc(1 << 19, 1))],
    [
      'many files',
      () => {
        for (let i = 0; i < 70; i++) writeFileSync(at(`from/${i}`), '');
      },
    ],
    ['a long name', () => writeFileSync(at(`from/${'n'.repeat(120)}`), '')],
    ['a FIFO', () => void execFileSync('mkfifo', [at('from/fifo')])],
  ])('is not made of %s', async (_, make) => {
    make();
    expect(await write()).toBe(false);
  });

  it('is left to tar when it is broken, or leads elsewhere', async () => {
    await write();
    const good = gunzipSync(readFileSync(at('image')));
    expect(readSmall(good)).toHaveLength(6);
    for (const change of [
      (bytes: Buffer) => bytes.fill(0x41, 1024 + 148, 1024 + 150),
      (bytes: Buffer) => bytes.subarray(0, 1500),
      (bytes: Buffer) => bytes.subarray(1536),
    ])
      expect(readSmall(change(Buffer.from(good)))).toBeUndefined();
    const files = await on(at('from'), (fd) => plainFiles(fd));
    const [root, one] = files ?? [];
    if (!root || !one) throw new Error('no files');
    for (const path of ['../x', 'a/../../x', '/x', 'nowhere/x', 'x/'])
      expect(
        readSmall(writeSmall([root, { ...one, folder: false, path }]) ?? Buffer.alloc(0)),
        path,
      ).toBeUndefined();
    expect(readSmall(writeSmall([root, one, one]) ?? Buffer.alloc(0))).toBeUndefined();
    writeFileSync(at('image'), gzipSync(Buffer.alloc(1 << 20)));
    expect(await read()).toBe(false);
  });
});
