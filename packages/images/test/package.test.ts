// The package as it would be installed: what is in the tarball works and type-checks alone, and so does the README.
import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { encodePagemap } from '../src/index.js';
import { fixtures } from './support.js';

const root = fileURLToPath(new URL('../../..', import.meta.url));
const here = join(root, 'packages', 'images');
const tsc = join(root, 'node_modules', 'typescript', 'bin', 'tsc');
let dir: string;

beforeAll(() => {
  dir = mkdtempSync(join(tmpdir(), 'images-package-'));
  const run = (command: string, args: string[], cwd: string) =>
    execFileSync(command, args, { cwd, encoding: 'utf8' });
  run(process.execPath, [tsc, '-b'], here);
  const [packed] = JSON.parse(
    run('npm', ['pack', '--json', '--ignore-scripts', '--pack-destination', dir], here),
  );
  const home = join(dir, 'node_modules', '@criu', 'images');
  mkdirSync(home, { recursive: true });
  run('tar', ['xzf', join(dir, packed.filename), '-C', home, '--strip-components=1'], dir);
  // What its types ask for, taken from here so that the test needs no network.
  mkdirSync(join(dir, 'node_modules', '@types'));
  symlinkSync(join(root, 'node_modules', '@types', 'node'), join(dir, 'node_modules', '@types', 'node'));
  symlinkSync(join(root, 'node_modules', 'fzstd'), join(dir, 'node_modules', 'fzstd'));
  writeFileSync(join(dir, 'package.json'), '{"type": "module"}');
  cpSync(join(fixtures, 'criu-4.2', 'ipc'), dir, { recursive: true });
  writeFileSync(
    join(dir, 'pagemap-5.img'),
    encodePagemap({ pages_id: 1 }, [{ vaddr: 0x1000n, compat_nr_pages: 1, flags: 4, nr_pages: 1n }]),
  );
});
afterAll(() => rmSync(dir, { recursive: true }));

function check(...files: string[]): string {
  const options = [
    '--noEmit',
    '--strict',
    '--module',
    'nodenext',
    '--target',
    'es2023',
    '--noUncheckedIndexedAccess',
  ];
  try {
    return execFileSync(process.execPath, [tsc, ...options, ...files], { cwd: dir, encoding: 'utf8' });
  } catch (error) {
    return (error as { stdout: string }).stdout;
  }
}

describe('the package alone', () => {
  it('type-checks, in its declarations too', () => {
    writeFileSync(
      join(dir, 'use.ts'),
      `import { readImage, type VmaEntry } from '@criu/images';
       import { decodeWith, VmaEntryCodec } from '@criu/images/codec';
       import { describeMessage } from '@criu/images/descriptors';
       import { ImageSet } from '@criu/images/set';
       import { streamImage } from '@criu/images/stream';
       const [core] = await readImage('core-1.img', 'CORE');
       const tid: bigint | undefined = core!.entry.thread_info?.clear_tid_addr;
       const vma: VmaEntry = decodeWith(VmaEntryCodec, Buffer.alloc(0));
       // @ts-expect-error there is no such kind
       await readImage('core-1.img', 'NOPE');
       // @ts-expect-error there is no such field
       vma.nope;
       export { describeMessage, ImageSet, streamImage, tid };`,
    );
    expect(check('use.ts')).toBe('');
  });

  const readme = readFileSync(join(here, 'README.md'), 'utf8');
  const examples = [...readme.matchAll(/```ts\n(.*?)```/gs)].map((match) => match[1]!);
  for (const [index, example] of examples.entries()) {
    it(`has a README whose example ${index + 1} type-checks and runs`, () => {
      writeFileSync(join(dir, `example${index}.ts`), example);
      expect(check(`example${index}.ts`)).toBe('');
      // What TypeScript adds to these examples is only the mark of what can not be missing.
      writeFileSync(join(dir, `example${index}.mjs`), example.replaceAll(']!', ']'));
      const output = execFileSync(process.execPath, [`example${index}.mjs`], { cwd: dir, encoding: 'utf8' });
      expect(output).not.toBe('');
    });
  }
});
