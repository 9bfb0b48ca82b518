// Each rule for packages notices what it is there for: a package that keeps all of them is spoiled in one way at a time.
import { execFileSync } from 'node:child_process';
import { chmodSync, cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { readJson, root, workspacePackages } from './packages.mjs';
import { serveRegistry } from './registry.mjs';
import { violations } from './rules.mjs';
import { expectSingle } from './single.mjs';
import { checkTypes } from './types.mjs';

const common = readJson(join(root, 'package.json'));
let home: string;

const write = (file: string, contents: string | Buffer) => {
  mkdirSync(dirname(join(home, file)), { recursive: true });
  writeFileSync(join(home, file), contents);
};
const good = {
  name: '@criu/example',
  version: '1.2.3',
  description: 'Keeps all the rules',
  keywords: ['a', 'b', 'c', 'd'],
  homepage: `${common.homepage}/tree/main/native`,
  bugs: common.bugs,
  repository: { ...common.repository, directory: 'native' },
  license: 'GPL-2.0-only',
  author: common.author,
  engines: { node: '>=20.19' },
  os: ['linux'],
  cpu: ['x64'],
  libc: ['glibc'],
  bin: { example: 'bin/example' },
  exports: {
    '.': { '@criu/source': './src/index.ts', types: './dist/index.d.ts', default: './dist/index.js' },
  },
  publishConfig: { access: 'public', provenance: true },
  dependencies: { '@criu/native': '1.2.3' } as Record<string, string>,
};
const judge = (changes: object = {}): string[] =>
  violations({ dir: home, home, manifest: { ...good, ...changes }, common });

beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'pack-rules-'));
  for (const file of ['dist/index.js', 'dist/index.d.ts']) write(file, 'export const answer = 42;\n');
  write('dist/index.d.ts', 'export declare const answer: 42;\n');
  write('bin/example', '#!/bin/sh\n');
  chmodSync(join(home, 'bin/example'), 0o755);
  write('LICENSE', readFileSync(join(root, 'LICENSE')));
  write('README.md', '# @criu/example\nnpm install\n```ts\n```\nLicence: GPL-2.0-only.\n');
});
afterEach(() => rmSync(home, { recursive: true }));

describe('a package', () => {
  it('that keeps all rules is not complained about', () => expect(judge()).toEqual([]));

  it.each<[object, string]>([
    [{ author: undefined }, 'no author'],
    [{ engines: undefined }, 'no engines'],
    [{ os: undefined }, 'no os'],
    [{ description: 'short' }, 'no description'],
    [{ keywords: ['a'] }, 'fewer than four keywords'],
    [{ license: 'ISC' }, 'license ISC'],
    [{ bugs: 'elsewhere' }, `bugs is not ${common.bugs}`],
    [{ author: 'Somebody' }, `author is not ${common.author}`],
    [{ homepage: 'elsewhere' }, `homepage is not below ${common.homepage}`],
    [{ repository: { url: 'elsewhere', directory: 'native' } }, `repository is not ${common.repository.url}`],
    [{ repository: { ...common.repository, directory: 'none' } }, 'repository.directory is no package'],
    [{ publishConfig: { access: 'public' } }, 'publishConfig has not both public access and provenance'],
    [{ cpu: undefined }, 'cpu and libc do not say what the native part runs on'],
    [{ libc: undefined }, 'cpu and libc do not say what the native part runs on'],
    [{ bundleDependencies: ['@criu/native'] }, 'bundles other packages'],
    [{ dependencies: { '@types/node': '20' } }, '@types/node is a dependency'],
    [{ dependencies: { '@criu/images': '1.2.2' } }, '@criu/images 1.2.2 beside 1.2.3'],
    [{ scripts: { postinstall: 'true' } }, 'runs a script at postinstall'],
    [{ bin: { example: 'bin/none' } }, 'bin/none is missing'],
    [{ man: ['man/none.1'] }, 'man/none.1 is missing'],
    [{ exports: { '.': { types: './dist/none.d.ts' } } }, './dist/none.d.ts is missing'],
    [{ exports: { '.': { default: './dist/index.js' } } }, 'no types for .'],
  ])('with %j in its manifest is told: %s', (changes, line) => {
    expect(judge(changes)).toContainEqual(expect.stringContaining(line));
  });

  it.each<[string, string | Buffer, string]>([
    ['LICENSE', 'Do as you like', 'LICENSE is not the text of GPL-2.0-only'],
    ['README.md', '# other\n', 'README.md does not begin with @criu/example'],
    ['README.md', '# @criu/example\n', 'README.md does not say how to install it'],
    ['README.md', '# @criu/example\n', 'README.md has no example of the API'],
    ['README.md', '# @criu/example\n', 'README.md does not name the licence'],
    ['dist/index.js.map', '{}', 'dist/index.js.map is of no use there'],
    ['dist/index.js', 'x;\n//# sourceMappingURL=index.js.map', 'dist/index.js is of no use there'],
    [
      'dist/index.d.ts',
      'export declare const b: Buffer<ArrayBuffer>;',
      'dist/index.d.ts has generic buffers',
    ],
    ['dist/index.test.js', '', 'dist/index.test.js is of no use there'],
    ['src/index.ts', '', 'src/index.ts is of no use there'],
    ['dist/criu.sources.json', '[]', 'dist/criu.sources.json is of no use there'],
    [
      'dist/criu.cache',
      Buffer.from(`\0\x01${root}dist/criu.cjs\0`),
      `dist/criu.cache has ${root.slice(0, -1)}`,
    ],
  ])('with %s in it that does not belong there is told', (file, contents, line) => {
    write(file, contents);
    expect(judge()).toContainEqual(expect.stringContaining(line));
  });

  it('with a command that cannot be executed is told', () => {
    chmodSync(join(home, 'bin/example'), 0o644);
    expect(judge()).toContainEqual(expect.stringContaining('bin/example cannot be executed'));
  });

  it('with a home directory of whoever made it is told', () => {
    const before = process.env['HOME'];
    process.env['HOME'] = '/home/somebody';
    try {
      write('dist/index.js', `// ${homedir()}/x`);
      expect(judge()).toContainEqual(expect.stringContaining('dist/index.js has /home/somebody'));
    } finally {
      process.env['HOME'] = before;
    }
  });

  it('with a compiled file that no source has is told', () => {
    write('src/index.ts', '');
    write('dist/gone.js', '');
    expect(judge()).toContainEqual(expect.stringContaining('dist/gone.js has no source'));
  });

  it('with a binary that needs too new a glibc is told', () => {
    const addon = readFileSync(join(root, 'native/prebuilds/linux-x64/criu.node'), 'latin1');
    write('criu.node', Buffer.from(addon.replaceAll('\0GLIBC_2.14\0', '\0GLIBC_2.36\0'), 'latin1'));
    expect(judge()).toContainEqual(expect.stringMatching(/^criu.node: .*memcpy.*newer than GLIBC_2.28/));
  });
});

describe('types', () => {
  const use = (declaration: string) => {
    const dir = join(home, 'consumer');
    cpSync(join(home, 'dist'), join(dir, 'node_modules/@criu/example/dist'), { recursive: true });
    writeFileSync(join(dir, 'node_modules/@criu/example/dist/index.d.ts'), declaration);
    writeFileSync(
      join(dir, 'node_modules/@criu/example/package.json'),
      JSON.stringify({ ...good, type: 'module' }),
    );
    checkTypes(dir, [good]);
  };

  it('that hold by themselves pass', () =>
    use('/// <reference types="node" />\nexport declare const b: Buffer;\n'));

  it.each([
    ['take node for granted', 'export declare const b: Buffer;\n', /'Buffer'/],
    ['ask for a package that is not there', "export * from 'yargs';\n", /'yargs'/],
  ])('that %s are refused', (_, declaration, message) => {
    expect(() => use(declaration)).toThrow(message);
  });
});

it('what is installed twice, or not at all, is told', () => {
  write('node_modules/@criu/native/criu.node', '');
  expectSingle(home, ['/criu.node']);
  expect(() => expectSingle(home, ['/agent.blob'])).toThrow('/agent.blob is there 0 times');
  write('node_modules/@criu/cli/node_modules/@criu/native/criu.node', '');
  expect(() => expectSingle(home, ['/criu.node'])).toThrow('/criu.node is there 2 times');
});

it('a registry on this machine gives npm what a manifest and a tarball say', async () => {
  execFileSync('tar', ['-czf', join(home, 'example.tgz'), 'bin'], { cwd: home });
  const registry = await serveRegistry([{ manifest: good, tarball: join(home, 'example.tgz') }]);
  try {
    const answer = (await (await fetch(`${registry.url}@criu%2fexample`)).json()) as {
      versions: { '1.2.3': { dist: { tarball: string } } };
    };
    const { dist } = answer.versions['1.2.3'];
    expect((await (await fetch(dist.tarball)).arrayBuffer()).byteLength).toBeGreaterThan(50);
    expect((await fetch(`${registry.url}yargs`)).status).toBe(404);
  } finally {
    registry.close();
  }
});

it('all packages are known, those with others after them', () => {
  const known = workspacePackages();
  expect(known.map(({ manifest }) => manifest.name)).toContain('@criu/cli');
  known.forEach(({ manifest }, i) => {
    for (const name of Object.keys({ ...manifest.dependencies, ...manifest.peerDependencies }))
      if (name.startsWith('@criu/'))
        expect(known.slice(0, i).map((each) => each.manifest.name)).toContain(name);
  });
});
