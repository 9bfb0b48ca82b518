// Steps that are added as rows are those that would be added one by one.
import { describe, expect, it } from 'vitest';
import { Mark, Program } from '../src/index.js';

describe('rows of a program', () => {
  const start = Float64Array.from({ length: 20 }, (_, i) => 0x7f0000000000 + i * 4096);
  const offset = Int32Array.from(start, (_, i) => (i % 2 ? -i : i));
  const rows = {
    args: [start, 4096, 3, 0x22, -1, offset],
    expect: start,
    label: (row: number) => `map ${row}`,
  };
  const single = (p: Program, from: number, to: number) => {
    for (let i = from; i < to; i++)
      p.syscall('mmap', [start[i] ?? 0, 4096, 3, 0x22, -1, offset[i] ?? 0], {
        expect: start[i] ?? 0,
        label: `map ${i}`,
      });
  };

  it('have the bytes and the text of single steps, among others', () => {
    const [a, b] = [new Program('p'), new Program('p')];
    for (const p of [a, b]) p.syscall('getpid', []);
    a.rows('mmap', rows, 3, 18);
    single(b, 3, 18);
    for (const p of [a, b]) p.syscall('close', [7], { label: 'last' });
    expect(a.encode().bytes.equals(b.encode().bytes)).toBe(true);
    expect(a.describe()).toEqual(b.describe());
    expect(a.step(4)).toEqual({ name: 'mmap', args: 6, label: 'map 6' });
    expect([a.length, a.size]).toEqual([b.length, b.size]);
  });

  it('need not have an expected result', () => {
    const [a, b] = [new Program('p'), new Program('p')];
    a.rows('munmap', { args: [start, 4096], label: () => 'away' }, 0, 2);
    for (let i = 0; i < 2; i++) b.syscall('munmap', [start[i] ?? 0, 4096], { label: 'away' });
    expect(a.encode().bytes.equals(b.encode().bytes)).toBe(true);
    expect(a.describe()).toEqual(b.describe());
  });

  it('may go on elsewhere when one fails', () => {
    const [a, b] = [new Program('p'), new Program('p')].map((p, i) => {
      const mark = new Mark();
      const label = (row: number) => `away ${row}`;
      p.syscall('getpid', []);
      if (i === 0) p.rows('munmap', { args: [start, 4096], orGoTo: mark, label }, 0, 3);
      else
        for (let row = 0; row < 3; row++)
          p.syscall('munmap', [start[row] ?? 0, 4096], { orGoTo: mark, label: label(row) });
      p.here(mark);
      return p.encode().bytes;
    });
    expect(a?.equals(b ?? Buffer.alloc(0))).toBe(true);
  });

  it('fit into the room that a program says it has', () => {
    const p = new Program('p');
    const room = p.roomFor(4096);
    p.rows('mmap', { ...rows, args: [0, 4096, 3, 0x22, -1, 0], expect: Array(room).fill(0) }, 0, room);
    expect(p.size).toBeLessThanOrEqual(4096);
    p.syscall('getpid', []);
    expect(p.size).toBeGreaterThan(4096);
    expect(p.roomFor(4096)).toBe(1);
  });
});
