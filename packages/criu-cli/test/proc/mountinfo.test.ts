// /proc/PID/mountinfo: namespaces that are copies of each other are read with what is known of the first.
import { describe, expect, it } from 'vitest';
import { ParsedMounts, parseMountInfo } from '../../src/proc/index.js';

const LINES = [
  '/ / rw,relatime - ext4 /dev/vda rw,errors=remount-ro',
  '/a\\040folder /mnt ro,nosuid shared:3 master:2 - tmpfs none rw,size=4k',
  '/a\\040folder /mnt ro,nosuid shared:3 master:2 - tmpfs none rw,size=4k',
  '/other//deleted /mnt/x rw,relatime unbindable - tmpfs  rw',
];
const textFrom = (id: number) =>
  LINES.map((line, i) => `${id + i} ${id + i - 1} 0:${id % 7} ${line}\n`).join('');

describe('mountinfo', () => {
  it('has the ids of each line, whatever else is known already', () => {
    const parsed = new ParsedMounts();
    for (const id of [20, 27, 1000, 21]) {
      const mounts = parseMountInfo(textFrom(id), 'mountinfo', parsed);
      expect(mounts).toEqual(parseMountInfo(textFrom(id)));
      expect(mounts.map(({ mntId, parentId }) => [mntId, parentId])).toEqual(
        LINES.map((_, i) => [id + i, id + i - 1]),
      );
    }
    expect(parsed.lines.size).toBeGreaterThan(0);
  });

  it('that is broken names its line, and nothing of it is known then', () => {
    const parsed = new ParsedMounts();
    const broken = `${textFrom(1)}9 8 0:1 / / rw tmpfs none rw\n`;
    for (let i = 0; i < 2; i++)
      expect(() => parseMountInfo(broken, 'mountinfo', parsed)).toThrow(/mountinfo.*5.*separator/);
  });
});
