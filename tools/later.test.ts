// Bundles in two parts: the later one is loaded when something of it is used, shares everything with the first, and no sooner.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { build } from 'esbuild';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { buildBoth } from './later.mjs';

const SOURCES = {
  'src/shared.ts': 'export const state = { loaded: 0, met: [] as string[] };',
  'src/only-rare.ts': "export const word = (name: string) => 'hello '.concat(name);",
  'src/rare.ts': `
    import { word } from './only-rare.js';
    import { state } from './shared.js';
    state.loaded += 1;
    export function greet(name: string) { state.met.push(name); return word(name); }
    export class Guest { constructor(readonly name: string) {} }
    export const table = { rows: 3, row(this: { rows: number }) { return this.rows; } };
    export interface Unused { a: number }`,
  'src/main.ts': `
    import { greet, Guest, table, type Unused } from './rare.js';
    import { state } from './shared.js';
    export const loaded = () => state.loaded;
    export const kinds = [{ table }];
    export function use(name: string) {
      const guest = new Guest(name);
      return [greet(guest.name), guest instanceof Guest, kinds[0]?.table.row(), 'rows' in table, [...state.met], { ...table }.rows];
    }`,
};

describe('a bundle with a later part', () => {
  let home: string;
  const write = (files: Readonly<Record<string, string>>) => {
    for (const [file, text] of Object.entries(files)) {
      mkdirSync(dirname(join(home, file)), { recursive: true });
      writeFileSync(join(home, file), text.replace(/^ {4}/gm, ''));
    }
  };
  const make = (minifyWhitespace = false) =>
    buildBoth(build, {
      home,
      entry: 'src/main.ts',
      sources: ['src/rare.ts'],
      options: {
        absWorkingDir: home,
        bundle: true,
        platform: 'node',
        target: 'node20',
        minifyWhitespace,
        lineLimit: 80,
        legalComments: 'eof',
        plugins: [],
        logLevel: 'silent',
      },
    });
  /** Runs the first part as the launcher does. */
  function open({ first, later }: { first: string; later: string }) {
    const function_ = (text: string) => new Function('exports', 'require', 'module', text);
    let part: object | undefined;
    const module = {
      exports: {} as Record<string, (...args: unknown[]) => unknown>,
      scope: undefined,
      later() {
        if (part) return part;
        part = {};
        function_(later)(part, undefined, module);
        return part;
      },
    };
    function_(first)(module.exports, undefined, module);
    return { ...module, later: () => part };
  }

  beforeEach(() => {
    home = mkdtempSync(join(tmpdir(), 'later-'));
    write(SOURCES);
  });
  afterEach(() => rmSync(home, { recursive: true }));

  it.each([false, true])(
    'loads that when it is used, with one scope for both (minified: %s)',
    async (minified) => {
      const { texts } = await make(minified);
      expect(texts.first).not.toContain('hello');
      const { exports, later } = open(texts);
      expect([exports['loaded']?.(), later()]).toEqual([0, undefined]);
      expect(exports['use']?.('Ada')).toEqual(['hello Ada', true, 3, true, ['Ada'], 3]);
      expect(exports['use']?.('Bob')).toEqual(['hello Bob', true, 3, true, ['Ada', 'Bob'], 3]);
      expect(exports['loaded']?.()).toBe(1);
    },
  );

  it('keeps licences out of the way', async () => {
    write({ 'src/shared.ts': `/*! A licence; export { nothing } */\n${SOURCES['src/shared.ts']}` });
    expect(open((await make()).texts).exports['use']?.('Ada')).toContain('hello Ada');
  });

  it('is not made of what may change after it was taken over', async () => {
    write({ 'src/rare.ts': `${SOURCES['src/rare.ts']}\nexport let count = 0;` });
    await expect(make()).rejects.toThrow('rare.ts: what others load later has a name and stays as it is');
  });

  it('is not made of what is imported in a way that nobody would see', async () => {
    write({ 'src/main.ts': "export const all = () => require('./rare.js');" });
    await expect(make()).rejects.toThrow('main.ts imports ./rare.js in a way that is not seen');
  });
});
