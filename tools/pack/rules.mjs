// What must be true of each package as it is published. A rule looks at the unpacked tarball and gives lines that say what
// is wrong with it.
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { isElf, tooNew } from '../../native/tools/elf.mjs';
import { staleFiles } from '../prune.mjs';
import { root } from './packages.mjs';

/** First words of the licences' texts. */
const LICENCES = {
  'GPL-2.0-only': /^\s*GNU GENERAL PUBLIC LICENSE\s+Version 2, June 1991\s[\s\S]*END OF TERMS AND CONDITIONS/,
  MIT: /^MIT License\n\nCopyright \(c\) .*\n\nPermission is hereby granted, free of charge/,
};

const same = (a, b) => JSON.stringify(a) === JSON.stringify(b);

const filesOf = (dir) =>
  readdirSync(dir, { recursive: true }).filter((file) => statSync(join(dir, file)).isFile());

/** All strings in the `exports` of a manifest that an installed package goes by. */
function exportTargets(exports) {
  if (typeof exports === 'string') return exports.includes('*') ? [] : [exports];
  return Object.entries(exports ?? {}).flatMap(([key, value]) =>
    key === '@criu/source' ? [] : exportTargets(value),
  );
}

/** Whether declarations have buffers with a type of their memory, which are new in TypeScript 5.7. */
export const hasGenericBuffers = (text) =>
  /\b(Buffer|DataView|[A-Z][A-Za-z0-9]+Array)<(ArrayBuffer|SharedArrayBuffer)/.test(text);

export const rules = {
  'who made it, where it is, and what it runs on': ({ manifest, common }) => {
    const wrong = [];
    const expect = (holds, what) => holds || wrong.push(what);
    for (const field of ['author', 'engines', 'os']) expect(manifest[field], `no ${field}`);
    expect(manifest.description?.length > 10, 'no description');
    expect(manifest.keywords?.length >= 4, 'fewer than four keywords');
    expect(manifest.license in LICENCES, `license ${manifest.license}`);
    expect(manifest.bugs === common.bugs, `bugs is not ${common.bugs}`);
    expect(manifest.author === common.author, `author is not ${common.author}`);
    expect(manifest.homepage?.startsWith(common.homepage), `homepage is not below ${common.homepage}`);
    expect(manifest.repository?.url === common.repository.url, `repository is not ${common.repository.url}`);
    const { directory } = manifest.repository ?? {};
    expect(
      directory && existsSync(join(root, directory, 'package.json')),
      'repository.directory is no package',
    );
    expect(
      manifest.publishConfig?.access === 'public' && manifest.publishConfig.provenance === true,
      'publishConfig has not both public access and provenance',
    );
    const needsNative = ['dependencies', 'peerDependencies'].some((kind) =>
      Object.keys(manifest[kind] ?? {}).some((name) => ['@criu/native', '@criu/cli'].includes(name)),
    );
    if (needsNative || manifest.name === '@criu/native')
      expect(
        same(manifest.cpu, ['x64']) && same(manifest.libc, ['glibc']),
        'cpu and libc do not say what the native part runs on',
      );
    return wrong;
  },

  'dependencies that are real': ({ manifest }) => {
    const wrong = [];
    if (manifest.bundleDependencies?.length || manifest.bundledDependencies?.length)
      wrong.push('bundles other packages');
    for (const [name, version] of Object.entries(manifest.dependencies ?? {})) {
      if (name.startsWith('@types/')) wrong.push(`${name} is a dependency`);
      if (name.startsWith('@criu/') && version !== manifest.version)
        wrong.push(`${name} ${version} beside ${manifest.version}`);
    }
    for (const name of ['preinstall', 'install', 'postinstall'])
      if (manifest.scripts?.[name]) wrong.push(`runs a script at ${name}`);
    return wrong;
  },

  'a licence and a README': ({ dir, manifest }) => {
    const wrong = [];
    const text = (file) => (existsSync(join(dir, file)) ? readFileSync(join(dir, file), 'utf8') : '');
    if (!LICENCES[manifest.license]?.test(text('LICENSE')))
      wrong.push(`LICENSE is not the text of ${manifest.license}`);
    const readme = text('README.md');
    if (!readme.startsWith(`# ${manifest.name}\n`))
      wrong.push(`README.md does not begin with ${manifest.name}`);
    if (!readme.includes(`npm install`)) wrong.push('README.md does not say how to install it');
    if (!/```[tj]s\n/.test(readme)) wrong.push('README.md has no example of the API');
    if (!readme.includes(`Licence: ${manifest.license}`)) wrong.push('README.md does not name the licence');
    return wrong;
  },

  'files that its manifest names': ({ dir, manifest }) => {
    const named = [
      ...exportTargets(manifest.exports),
      ...Object.values(manifest.bin ?? {}),
      ...(manifest.man ?? []),
    ];
    const wrong = named.filter((file) => !existsSync(join(dir, file))).map((file) => `${file} is missing`);
    for (const file of Object.values(manifest.bin ?? {}))
      if (existsSync(join(dir, file)) && !(statSync(join(dir, file)).mode & 0o111))
        wrong.push(`${file} cannot be executed`);
    for (const [name, targets] of Object.entries(manifest.exports ?? {}))
      if (typeof targets === 'object' && !targets.types) wrong.push(`no types for ${name}`);
    return wrong;
  },

  'types for compilers since TypeScript 5.4': ({ dir }) =>
    filesOf(dir)
      .filter((file) => file.endsWith('.d.ts') && hasGenericBuffers(readFileSync(join(dir, file), 'utf8')))
      .map((file) => `${file} has generic buffers, which are new in 5.7: annotate what is exported`),

  'nothing but what is used': ({ dir }) =>
    filesOf(dir)
      .filter(
        (file) =>
          /\.(map|tsbuildinfo)$|\.test\.|\.sources\.json$|^(src|lib|test|tools)\//.test(file) ||
          (file.endsWith('.ts') && !file.endsWith('.d.ts') && !/^(examples|parasite)\//.test(file)) ||
          (/\.(c?js|d\.ts)$/.test(file) &&
            readFileSync(join(dir, file), 'utf8').includes('\n//# sourceMappingURL=')),
      )
      .map((file) => `${file} is of no use there, or points at a map`),

  'nothing of sources that are gone': ({ home }) =>
    staleFiles(home).map((file) => `dist/${file} has no source: npm run build`),

  'no path of the machine that it was made on': ({ dir }) => {
    const paths = [root.replace(/\/$/, ''), homedir()].filter((path) => path.length > 1 && path !== '/root');
    return filesOf(dir).flatMap((file) => {
      const contents = readFileSync(join(dir, file));
      return paths.filter((path) => contents.includes(path)).map((path) => `${file} has ${path}`);
    });
  },

  'binaries for glibc 2.28': ({ dir }) =>
    filesOf(dir).flatMap((file) => {
      const contents = readFileSync(join(dir, file));
      return isElf(contents) ? tooNew(contents).map((line) => `${file}: ${line}`) : [];
    }),
};

/**
 * Holds a package against all rules.
 * @param dir of its unpacked tarball
 * @param home of its sources
 * @param common the manifest of the repository
 * @returns lines that say what is wrong, each with its rule
 */
export function violations({ dir, home, manifest, common }) {
  return Object.entries(rules).flatMap(([name, rule]) =>
    rule({ dir, home, manifest, common }).map((line) => `${line} (${name})`),
  );
}
