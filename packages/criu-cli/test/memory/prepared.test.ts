// Pages images that are made ready before tasks stand still: whatever they were made of, they hold what was copied there.
import { spawn } from 'node:child_process';
import { ftruncateSync, mkdtempSync } from 'node:fs';
import { addon, sys } from '@criu/native';
import { closeSync, openSync, readFileSync, rmSync, statSync, writeSync } from '@criu/native/fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ImageWriter } from '../../src/images/writer.js';
import { PreparedPages } from '../../src/pages/sinks/prepared.js';

const MiB = 1 << 20;
const BYTES = 9 * MiB;
const PROT_READ_WRITE = 3;
const MAP_PRIVATE_ANONYMOUS = 0x22;

/** Memory of this process whose pages all differ. */
const contents = Buffer.alloc(BYTES);
let memory = 0;

beforeAll(() => {
  for (let at = 0; at < BYTES; at += 8) contents.writeDoubleLE(at * Math.PI, at);
  memory = sys('mmap', 0, BYTES, PROT_READ_WRITE, MAP_PRIVATE_ANONYMOUS, -1, 0);
  const self = openSync('/proc/self/mem', 'r+');
  writeSync(self, contents, 0, BYTES, memory);
  closeSync(self);
});
afterAll(() => {
  sys('munmap', memory, BYTES);
});

/** Bytes of a file that this process has mapped, and that count as its memory. */
function mapped(path: string): number {
  const mappings = readFileSync('/proc/self/smaps', 'latin1').split(/^(?=[0-9a-f]+-[0-9a-f]+ )/m);
  const sizes = mappings
    .filter((text) => text.includes(path))
    .map((text) => /^Rss:\s+(\d+)/m.exec(text)?.[1]);
  return sizes.reduce((sum, kib) => sum + Number(kib) * 1024, 0);
}

/** What a file has that was prepared for `bytes`, and into which pieces of the memory were copied. */
async function copied(dir: string, { bytes = BYTES, filled = 0, mayBeHuge = true, offset = 0 } = {}) {
  const path = `${dir}/prepared-${process.pid}`;
  const fd = openSync(path, 'w+');
  try {
    const { errno, huge } = await addon().prepareFile(fd, bytes, filled, mayBeHuge);
    expect(errno).toBe(0);
    expect(mapped(path)).toBe(0);
    // The last piece first, and the first one behind it.
    const words = [memory + 3 * MiB, 6 * MiB, memory, 3 * MiB].map(BigInt);
    const result = await addon().pumpToFile(
      process.pid,
      -1,
      BigUint64Array.from(words),
      fd,
      offset,
      2,
      false,
      huge,
    );
    expect(result.errno).toBe(0);
    // What has been filled is unmapped, but for the last huge pages that each of the two threads had in use.
    expect(mapped(path)).toBeLessThanOrEqual(6 * MiB);
    if (huge) {
      addon().letHugeGo(huge);
      addon().letHugeGo(huge);
    }
    ftruncateSync(fd, offset + BYTES);
    return { huge: huge !== undefined, bytes: readFileSync(path) };
  } finally {
    closeSync(fd);
    rmSync(path);
  }
}

const wanted = () => Buffer.concat([contents.subarray(3 * MiB), contents.subarray(0, 3 * MiB)]);

describe('a file that is made ready for pages', () => {
  it('is begun at once, while JavaScript goes on without a break', async () => {
    const dir = mkdtempSync('/tmp/prepared-');
    const task = spawn('sleep', ['60'], { stdio: 'ignore' });
    const images = ImageWriter.claim(dir);
    const prepared = new PreparedPages(images, false);
    try {
      prepared.begin(task.pid ?? 0);
      const size = () => statSync(`${dir}/pages-1.img`).size;
      const until = Date.now() + 20_000;
      while (size() === 0 && Date.now() < until);
      expect(size()).toBeGreaterThan(0);
    } finally {
      task.kill('SIGKILL');
      await prepared.close();
      images.discard();
      images.release();
      rmSync(dir, { recursive: true });
    }
  });

  it('has them in huge pages on tmpfs, in small ones elsewhere, and where nobody wants huge ones', async () => {
    for (const [dir, options] of [
      ['/dev/shm', {}],
      ['/dev/shm', { mayBeHuge: false }],
      ['/tmp', { filled: MiB }],
    ] as const) {
      const { bytes, huge } = await copied(dir, options);
      expect(bytes.equals(wanted())).toBe(true);
      if ('mayBeHuge' in options) expect(huge).toBe(false);
    }
  });

  it('takes what is more than was expected, and what is less', async () => {
    for (const bytes of [5 * MiB, 40 * MiB])
      expect((await copied('/dev/shm', { bytes })).bytes.equals(wanted())).toBe(true);
  });

  it('takes pages behind others', async () => {
    const { bytes } = await copied('/dev/shm', { offset: 4096 });
    expect(bytes.subarray(4096).equals(wanted())).toBe(true);
    expect(bytes.subarray(0, 4096).equals(Buffer.alloc(4096))).toBe(true);
  });
});
