// Files that become strings and buffers of JavaScript without a copy.
import { mkdtempSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { addon } from '@criu/native';
import { afterAll, beforeAll, expect, it } from 'vitest';

let dir: string;
beforeAll(() => {
  dir = mkdtempSync(join(tmpdir(), 'whole-'));
});
afterAll(() => rmSync(dir, { recursive: true }));

const BYTES = Buffer.from(Array.from({ length: 70_000 }, (_, i) => i % 251));

it('reads a file as it is', () => {
  const file = join(dir, 'bytes');
  writeFileSync(file, BYTES);
  const { readLatin1, readBytes } = addon();
  const text = readLatin1(file);
  const bytes = readBytes(file);
  // Readers keep what they have read, whatever becomes of the file.
  truncateSync(file);
  expect(text).toBe(BYTES.toString('latin1'));
  expect(bytes?.equals(BYTES)).toBe(true);
});

it('gives nothing for what is missing, empty or no regular file', () => {
  const empty = join(dir, 'empty');
  writeFileSync(empty, '');
  expect(readFileSync(empty).length).toBe(0);
  for (const path of [join(dir, 'none'), empty, dir])
    expect([addon().readLatin1(path), addon().readBytes(path)]).toEqual([undefined, undefined]);
});
