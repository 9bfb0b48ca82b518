// Archives of a few plain files: made by us and read by tar(1), made by tar and read by us, and what is left to tar.
import { execFileSync, spawnSync } from 'node:child_process';
import {
  chmodSync,
  closeSync,
  existsSync,
  linkSync,
  lstatSync,
  lutimesSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readFileSync,
  readlinkSync,
  rmSync,
  symlinkSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { plainFiles } from '../../src/resources/namespaces/mnt/plain-files.js';
import {
  createSmall,
  extractSmall,
  readSmall,
  writeSmall,
} from '../../src/resources/namespaces/mnt/small-archive.js';
import { smallTree } from '../../src/resources/namespaces/mnt/small-tree.js';

/** Whether devices can be made: else those of a container's /dev are not tried. */
const root = process.getuid?.() === 0;
const DEVICES: readonly (readonly [string, string, number, number])[] = root
  ? [
      ['null', 'c', 1, 3],
      ['large', 'b', 259, 1000],
    ]
  : [];

let top = '';
const at = (name: string) => join(top, name);
beforeEach(() => {
  top = mkdtempSync('/dev/shm/small-archive-');
  for (const name of ['from', 'to', 'from/folder', 'from/folder/deep']) mkdirSync(at(name));
  writeFileSync(at('from/file'), 'content\n');
  writeFileSync(at('from/empty'), '');
  writeFileSync(at('from/folder/deep/grown'), Buffer.alloc(1500, 7));
  symlinkSync('/proc/self/fd/2', at('from/link'));
  execFileSync('mkfifo', ['-m', '640', at('from/fifo')]);
  for (const [name, type, major, minor] of DEVICES)
    execFileSync('mknod', ['-m', '666', at(`from/${name}`), type, String(major), String(minor)]);
  lutimesSync(at('from/link'), 3, 3);
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

const NAMES = ['.', 'file', 'empty', 'folder', 'folder/deep', 'folder/deep/grown', 'link', 'fifo'];

/** All that has to be the same. */
function look(folder: string): unknown {
  return [...NAMES, ...DEVICES.map(([name]) => name)].map((name) => {
    const path = join(folder, name);
    const found = lstatSync(path, { bigint: true });
    const { mode, uid, gid, mtimeNs, rdev } = found;
    const content = found.isFile() ? readFileSync(path) : found.isSymbolicLink() ? readlinkSync(path) : '';
    return { name, mode, uid, gid, mtimeNs, rdev, content };
  });
}

/** The files to be archived; undefined if they are too many. */
const listed = () => on(at('from'), (folder) => smallTree(folder, 'a folder'));
const write = async () => {
  const tree = await listed();
  return tree !== undefined && on(at('image'), (image) => createSmall(tree, image), 'w');
};
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

  it('of a hundred files, which one block of gzip does not hold, is read by tar and by us', async () => {
    for (let i = 0; i < 100; i++) writeFileSync(at(`from/folder/${i}`), `${i}`);
    expect(await write()).toBe(true);
    expect(gunzipSync(readFileSync(at('image'))).length).toBeGreaterThan(0xffff);
    const all = (folder: string) =>
      Array.from({ length: 100 }, (_, i) => readFileSync(join(folder, `folder/${i}`), 'utf8'));
    expect(await read()).toBe(true);
    expect(look(at('to'))).toEqual(look(at('from')));
    expect(all(at('to'))).toEqual(all(at('from')));
    rmSync(at('to'), { recursive: true });
    mkdirSync(at('to'));
    byTar('--extract', '--gzip', '--preserve-permissions', '--file', at('image'), '--directory', at('to'));
    expect(look(at('to'))).toEqual(look(at('from')));
    expect(all(at('to'))).toEqual(all(at('from')));
  });

  it.each([[[]], [['--xattrs', '--acls']]])('that tar has made (%s) is read by us', async (more) => {
    for (const name of [...DEVICES.map(([name]) => name), ...NAMES.toReversed()])
      lutimesSync(at(`from/${name}`), 9, 9);
    byTar('--create', '--gzip', ...more, '--file', at('image'), '--directory', at('from'), '.');
    expect(await read()).toBe(true);
    expect(look(at('to'))).toEqual(look(at('from')));
  });

  it('leaves sockets out, as tar does', async () => {
    const listen = `require('net').createServer().listen(process.argv[1], () => process.kill(process.pid, 'SIGKILL'))`;
    spawnSync(process.execPath, ['-e', listen, at('from/socket')]);
    expect(lstatSync(at('from/socket')).isSocket()).toBe(true);
    expect(await write()).toBe(true);
    expect(await read()).toBe(true);
    expect(look(at('to'))).toEqual(look(at('from')));
    expect(existsSync(at('to/socket'))).toBe(false);
  });

  it.each<[string, () => void]>([
    ['a long link', () => symlinkSync('n'.repeat(120), at('from/long'))],
    ['a file with two names', () => linkSync(at('from/file'), at('from/second'))],
    ['a file with a hole', () => truncateSync(at('from/empty'), 1 << 16)],
    ['many bytes', () => writeFileSync(at('from/empty'), Buffer.alloc(1 << 19, 1))],
    [
      'many files',
      () => {
        for (let i = 0; i < 260; i++) writeFileSync(at(`from/${i}`), '');
      },
    ],
    ['a long name', () => writeFileSync(at(`from/${'n'.repeat(120)}`), '')],
  ])('is not made of %s', async (_, make) => {
    make();
    expect(await write()).toBe(false);
  });

  it('is left to tar when it is broken, or leads elsewhere', async () => {
    await write();
    const good = gunzipSync(readFileSync(at('image')));
    expect(readSmall(good)).toHaveLength(NAMES.length + DEVICES.length);
    for (const change of [
      (bytes: Buffer) => bytes.fill(0x41, 1024 + 148, 1024 + 150),
      (bytes: Buffer) => bytes.subarray(0, 1500),
      (bytes: Buffer) => bytes.subarray(1536),
    ])
      expect(readSmall(change(Buffer.from(good)))).toBeUndefined();
    const files = plainFiles((await listed()) ?? []);
    const [top] = files ?? [];
    const [one, link] = ['empty', 'link'].map((name) => files?.find(({ path }) => path === name));
    if (!top || !one || !link) throw new Error('no files');
    for (const path of ['../x', 'a/../../x', '/x', 'nowhere/x', 'x/'])
      expect(readSmall(writeSmall([top, { ...one, path }]) ?? Buffer.alloc(0)), path).toBeUndefined();
    expect(readSmall(writeSmall([top, one, one]) ?? Buffer.alloc(0))).toBeUndefined();
    // Nothing is made behind a link, and no device whose number the kernel has no room for.
    const behind = { ...one, path: 'link/x' };
    expect(readSmall(writeSmall([top, link, behind]) ?? Buffer.alloc(0))).toBeUndefined();
    for (const device of [
      { major: 1 << 12, minor: 0 },
      { major: 0, minor: 1 << 20 },
    ]) {
      const odd = { ...one, kind: 'character' as const, device };
      expect(readSmall(writeSmall([top, odd]) ?? Buffer.alloc(0))).toBeUndefined();
    }
    writeFileSync(at('image'), gzipSync(Buffer.alloc(1 << 20)));
    expect(await read()).toBe(false);
  });
});
