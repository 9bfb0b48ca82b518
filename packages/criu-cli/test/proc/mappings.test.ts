// Mappings with their flags are what maps and smaps show; a text that is none is refused with its line.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type FlaggedMapping, ProcError, readMappings, readMaps, readSmaps } from '../../src/proc/index.js';

/** Fields of a mapping: getters of a class are none of its own. */
const fields = ({
  start,
  end,
  prot,
  shared,
  pgoff,
  major,
  minor,
  ino,
  path,
  deleted,
}: ReturnType<typeof readMaps>[0]) => ({
  start,
  end,
  prot,
  shared,
  pgoff,
  major,
  minor,
  ino,
  path,
  deleted,
});

/** All mappings of a process, each with its own addresses. */
function mappingsOf(pid: number, root?: string) {
  const descriptions: FlaggedMapping[] = [];
  return [...readMappings(pid, root)].flatMap((batch) => {
    descriptions.push(...batch.fresh);
    return Array.from(batch.descriptions, (index, i) => {
      const description = descriptions[index] as FlaggedMapping;
      const { protectionKey, vmFlags } = description;
      return {
        ...fields(description),
        protectionKey,
        vmFlags,
        start: batch.places[2 * i] as number,
        end: batch.places[2 * i + 1] as number,
      };
    });
  });
}

const HEAD = '7f0000000000-7f0000002000 rw-s 00003000 fd:01 123456789012 ';
const OWN = '7f0000002000-7f0000004000 rw-p 00000000 00:00 0 \n';
const END = 'ProtectionKey:         5\nVmFlags: rd wr mr mw me ms sd \n';

describe('mappings', () => {
  let root = '';
  beforeAll(() => {
    root = mkdtempSync(join(tmpdir(), 'mappings-'));
    mkdirSync(join(root, '1'));
  });
  afterAll(() => rmSync(root, { recursive: true }));
  const read = (text: string) => {
    writeFileSync(join(root, '1/smaps'), text, 'latin1');
    return mappingsOf(1, root);
  };

  test('are those of this process', () => {
    const mappings = mappingsOf(process.pid);
    const known = new Map(readSmaps(process.pid).map((entry) => [entry.start, entry]));
    let same = 0;
    for (const mapping of mappings) {
      const other = known.get(mapping.start);
      // The heap of this process may have grown between the two.
      if (!other || other.end !== mapping.end) continue;
      expect(fields(mapping)).toEqual(fields(other));
      expect(mapping.protectionKey).toBe(other.protectionKey);
      same++;
    }
    expect(same).toBeGreaterThan(mappings.length / 2);
    expect(readMaps(process.pid).length).toBeGreaterThan(mappings.length / 2);
  });

  test('have all that their text has', () => {
    const path = '/tmp/a b\\012\xe9 (deleted)';
    const [first, second] = read(
      `${HEAD}                 ${path}\nSize:      8 kB\nNewField:   x\n${END}ffffffffff600000-ffffffffff601000 --xp 00000000 00:00 0                  [vsyscall]\nVmFlags: ex \n`,
    );
    expect(first && fields(first)).toEqual({
      start: 0x7f0000000000,
      end: 0x7f0000002000,
      prot: 3,
      shared: true,
      pgoff: 0x3000,
      major: 0xfd,
      minor: 1,
      ino: 123456789012n,
      path: '/tmp/a b\n\udce9 (deleted)',
      deleted: true,
    });
    expect(first?.vmFlags).toEqual(['rd', 'wr', 'mr', 'mw', 'me', 'ms', 'sd']);
    expect(first?.protectionKey).toBe(5);
    expect(second).toMatchObject({ start: 0xffffffffff600000, prot: 4, shared: false, path: '[vsyscall]' });
    expect(second?.vmFlags).toEqual(['ex']);
    expect(second?.protectionKey).toBeUndefined();
  });

  test('say how much private memory is shared copy-on-write', () => {
    const shared = 'Shared_Dirty:         12 kB\n';
    const text = `${HEAD}\n${shared}${END}${OWN}${shared}${END}${OWN}Shared_Dirty: 8 kB\n${END}`;
    writeFileSync(join(root, '1/smaps'), text, 'latin1');
    const batches = [...readMappings(1, root)];
    expect(batches.reduce((sum, { shared }) => sum + shared, 0)).toBe(20 * 1024);
  });

  test('are none where there is no text', () => {
    expect(read('')).toEqual([]);
  });

  test.each([
    ['no flags', `${HEAD}\nSize: 8 kB\n${HEAD}\n${END}`, 3, 'no VmFlags'],
    ['no end', `${HEAD}\nSize: 8 kB\n`, 2, 'in the middle'],
    ['a line cut off', `${HEAD}\n${END.slice(0, -1)}`, 2, 'in the middle'],
    ['an odd address', `7f0000000001-7f0000002000 rw-s 0 0:0 0\n${END}`, 1, 'page-aligned'],
    ['addresses that turn back', `7f0000002000-7f0000002000 rw-s 0 0:0 0\n${END}`, 1, 'ends before'],
    ['another permission', `7f0000000000-7f0000002000 rq-s 0 0:0 0\n${END}`, 1, 'permission'],
    ['a number that is too large', `7f0000000000-17f000000200000000 rw-s 0 0:0 0\n${END}`, 1, 'addresses'],
    ['no number of KiB', `${OWN}Shared_Dirty: some\n${END}`, 2, 'KiB'],
    ['no numbers', `hello\n${END}`, 1, 'addresses'],
  ])('with %s are refused', (_, text, line, what) => {
    let error: unknown;
    try {
      read(text);
    } catch (thrown) {
      error = thrown;
    }
    expect(error).toBeInstanceOf(ProcError);
    expect(error).toMatchObject({ code: 'PROC_FORMAT', line, message: expect.stringContaining(what) });
  });

  test('are read to the end, however long their lines are', () => {
    const name = `/${'n'.repeat(200_000)}`;
    expect(read(`${HEAD}${name}\n${END}`)[0]?.path).toBe(name);
    const many = read(`${HEAD}\n${END}`.repeat(5000));
    expect(many).toHaveLength(5000);
    expect(many.every(({ ino, protectionKey }) => ino === 123456789012n && protectionKey === 5)).toBe(true);
  });

  test('come in order when a thread reads on, each with its own texts', () => {
    const head = (i: number) => `${(0x10000 + i * 2).toString(16)}000-${(0x10001 + i * 2).toString(16)}000`;
    const one = (i: number) =>
      `${head(i)} rw-p 00000000 fd:01 ${i + 1} /file ${i % 300}\nVmFlags: rd ${i % 7 ? 'wr' : `m${i % 10}`} \n`;
    const text = Array.from({ length: 6000 }, (_, i) => one(i)).join('');
    const all = read(text);
    expect(all.map(({ ino }) => Number(ino))).toEqual(Array.from(all, (_, i) => i + 1));
    expect(all.map(({ path }) => path)).toEqual(Array.from(all, (_, i) => `/file ${i % 300}`));
    expect(all.map(({ vmFlags }) => vmFlags[1])).toEqual(
      Array.from(all, (_, i) => (i % 7 ? 'wr' : `m${i % 10}`)),
    );
    expect(all).toHaveLength(6000);
    expect(() => read(`${text}hello\n`)).toThrow(expect.objectContaining({ line: 12_001 }));
  });

  test('without a file have one description if they differ in their addresses only', () => {
    const head = (i: number) => `${(0x10000 + i * 2).toString(16)}000-${(0x10001 + i * 2).toString(16)}000`;
    const kinds = [
      'rw-p 00000000 00:00 0 \nVmFlags: rd wr \n',
      'r--p 00000000 00:00 0 \nVmFlags: rd wr \n',
      'rw-s 00000000 00:00 0 \nVmFlags: rd wr \n',
      'rw-p 00000000 00:00 0 \nVmFlags: rd wr gd \n',
      'rw-p 00000000 00:00 0 [heap]\nVmFlags: rd wr \n',
      'rw-p 00000000 00:00 0 \nProtectionKey: 3\nVmFlags: rd wr \n',
    ];
    const file = 'rw-p 00000000 fd:01 7 /file\nVmFlags: rd wr \n';
    const count = 700;
    const lines = Array.from({ length: count }, (_, i) => `${head(i)} ${i % 7 < 6 ? kinds[i % 7] : file}`);
    writeFileSync(join(root, '1/smaps'), lines.join(''), 'latin1');
    const batches = [...readMappings(1, root)];
    expect(batches.flatMap(({ fresh }) => fresh)).toHaveLength(kinds.length + count / 7);
    const all = read(lines.join(''));
    expect(all).toHaveLength(count);
    for (const [i, one] of all.entries()) {
      expect(one.start).toBe(Number.parseInt(head(i), 16));
      expect(one.end - one.start).toBe(4096);
      expect(one.prot).toBe(i % 7 === 1 ? 1 : 3);
      expect(one.shared).toBe(i % 7 === 2);
      expect(one.vmFlags).toHaveLength(i % 7 === 3 ? 3 : 2);
      expect(one.path).toBe(i % 7 === 4 ? '[heap]' : i % 7 === 6 ? '/file' : '');
      expect(one.protectionKey).toBe(i % 7 === 5 ? 3 : undefined);
    }
  });

  test('need not be read to the end', () => {
    writeFileSync(join(root, '1/smaps'), `${HEAD}\n${END}`.repeat(5000), 'latin1');
    for (const { fresh } of readMappings(1, root)) {
      expect(fresh[0]?.ino).toBe(123456789012n);
      break;
    }
  });
});
