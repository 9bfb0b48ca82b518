// What commands and requests are refused with tells what to do, in words of its own: the general ones of a code are for the engine.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

const src = fileURLToPath(new URL('../../src', import.meta.url));

/** Skips a string or template that begins at `at`; the place behind it. */
function behindText(text: string, at: number): number {
  const quote = text[at];
  for (let i = at + 1; i < text.length; i++) {
    if (text[i] === '\\') i++;
    else if (text[i] === quote) return i + 1;
    else if (quote === '`' && text.startsWith('${', i)) i = behindBrackets(text, i + 2) - 1;
  }
  return text.length;
}

/** The place behind the bracket that closes what was opened before `at`; commas in between are told. */
function behindBrackets(text: string, at: number, comma: (at: number) => void = () => undefined): number {
  let depth = 1;
  for (let i = at; i < text.length; ) {
    const c = text.charAt(i);
    if (`'"\``.includes(c)) {
      i = behindText(text, i);
      continue;
    }
    if ('([{'.includes(c)) depth++;
    else if (')]}'.includes(c) && --depth === 0) return i + 1;
    else if (c === ',' && depth === 1) comma(i);
    i++;
  }
  return text.length;
}

/** Arguments of each `new CriuError(…)` of a source. */
function errorsOf(text: string): string[][] {
  return [...text.matchAll(/new CriuError\(/g)].map(({ index }) => {
    const start = index + 'new CriuError('.length;
    const cuts = [start - 1];
    const end = behindBrackets(text, start, (at) => cuts.push(at)) - 1;
    return [...cuts, end]
      .slice(0, -1)
      .map((from, i) => text.slice(from + 1, [...cuts, end][i + 1]).trim())
      .filter(Boolean);
  });
}

test('each has a remedy', () => {
  const files = ['cli', 'rpc'].flatMap((folder) =>
    readdirSync(join(src, folder), { recursive: true, encoding: 'utf8' })
      .filter((file) => file.endsWith('.ts'))
      .map((file) => join(src, folder, file)),
  );
  let seen = 0;
  const without = files.flatMap((file) =>
    errorsOf(readFileSync(file, 'utf8')).flatMap(([code = '', message, , remedy]) => {
      seen += 1;
      // A fault of ours, and what is called off by whoever asked, need none.
      const needs = !/^'(INTERNAL|ABORTED)'$/.test(code);
      return needs && (remedy === undefined || remedy === 'undefined') ? [`${file}: ${message}`] : [];
    }),
  );
  expect(seen).toBeGreaterThan(50);
  expect(without).toEqual([]);
});
