// Cuts a bundle in two: what every run needs, and a later part that is loaded, all of it at once, when something of it is used for the
// first time. V8 takes in names and descriptions of all functions at the top level of a bundle, and runs all modules, whether a
// run uses them or not.
import { readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

/** What the later part of a bundle is called. */
export const laterName = (name) => `${name}.later`;

/** What a source imports from which other, at once or later; types have none in a bundle. */
const IMPORTS =
  /^(?:import|export) (?!type\b)[^;]*? from '(\.{1,2}\/[^']+|@criu\/[^']+)';|\bimport\('(\.{1,2}\/[^']+|@criu\/[^']+)'\)/gm;

const root = join(dirname(fileURLToPath(import.meta.url)), '..');

/** The source that one imports by this name. */
function sourceOf(path, name) {
  if (name.startsWith('.')) return resolve(dirname(path), name.replace(/js$/, 'ts'));
  const [, of, ...sub] = name.split('/');
  const home = join(root, of === 'native' ? of : `packages/${of}`);
  const { exports } = JSON.parse(readFileSync(join(home, 'package.json'), 'utf8'));
  return join(home, exports[['.', ...sub].join('/')]['@criu/source']);
}

/** Names that a source exports. */
function namesOf(path) {
  const source = readFileSync(path, 'utf8');
  if (/^export (default|let|var)/m.test(source))
    throw new Error(`${path}: what others load later has a name and stays as it is`);
  const found = source.matchAll(
    /^export (?:async function\*?|function\*?|(?:abstract )?class|const) (\w+)/gm,
  );
  const further = source.matchAll(/^export \* from '([^']+)';/gm);
  const lists = source.matchAll(/^export \{([^}]*)\}/gm);
  return [
    ...[...lists].flatMap(([, list]) => names(list).map(({ as }) => as)),
    ...[...found].map(([, name]) => name),
    ...[...further].flatMap(([, name]) => namesOf(sourceOf(path, name))),
  ];
}

/**
 * Follows the imports of a package from its entry.
 * @param declared paths of sources of the later part
 * @returns the sources of the first part, and the doors to the later one: names that each of its sources exports that the first imports
 */
function divide(entry, declared) {
  const first = new Set([entry]);
  const doors = new Map();
  for (const path of first)
    for (const [, at, later] of readFileSync(path, 'utf8').matchAll(IMPORTS)) {
      const target = sourceOf(path, at ?? later);
      if (!declared.has(target)) first.add(target);
      else if (!doors.has(target)) doors.set(target, namesOf(target));
    }
  return { first, doors };
}

/**
 * Stands for something of the later part, and is used like it: a function, a class or an object. `later` is a parameter of the bundle's
 * function, by which the launcher loads that part.
 */
const STAND_IN = `export const standIn = (name) => {
  const real = () => module.later()[name];
  // A bound function has no property that a proxy would have to show as it is.
  const stand = new Proxy(function () {}.bind(), {
    apply: (_, self, args) => Reflect.apply(real(), self, args),
    construct: (_, args, made) => Reflect.construct(real(), args, made === stand ? real() : made),
    get: (_, key) => real()[key],
    has: (_, key) => key in real(),
    ownKeys: () => Reflect.ownKeys(real()),
    getOwnPropertyDescriptor: (_, key) => {
      const found = Reflect.getOwnPropertyDescriptor(real(), key);
      return found && { ...found, configurable: true };
    },
  });
  return stand;
};`;

/** Imports and exports of a part, as esbuild writes them, and what is between. */
function dissect(text) {
  const imports = [];
  let rest = text.replace(/^(?:\/\/.*\n)*/, '');
  for (;;) {
    const found = /^import\s*(?:\{([^}]*)\}\s*from\s*)?"\.\/[^"]*";?\s*/.exec(rest);
    if (!found) break;
    imports.push(...names(found[1] ?? ''));
    rest = rest.slice(found[0].length);
  }
  // Behind it are only licences.
  const found = /^([\s\S]*\b)?export\s*\{([^}]*)\};?((?:\s|\/\*[\s\S]*?\*\/)*)$/.exec(rest);
  if (!found) throw new Error('esbuild writes imports and exports in another way');
  const [, body = '', list, end] = found;
  return { imports, exports: names(list), body: body + end };
}

const names = (list) =>
  list
    .split(',')
    .map((one) => one.trim().split(/\s+as\s+/))
    .filter(([name]) => name !== '' && !name.startsWith('type '))
    .map(([name, as = name]) => ({ name, as }));

const object = (list) =>
  `{${list.map(({ name, as }) => (name === as ? name : `${as}:${name}`)).join(',\n')}}`;
const pattern = (list) =>
  `{${list.map(({ name, as }) => (name === as ? name : `${name}:${as}`)).join(',\n')}}`;

/**
 * Builds both parts of a bundle.
 * @param build esbuild's
 * @param sources of the later part, relative to `home`; what only these import is in it, too
 * @returns text of each part, the body of a function, and esbuild's list of what is in which
 */
export async function buildBoth(build, { home, entry, sources, options }) {
  const declared = new Set(sources.map((source) => join(home, source)));
  const { first: sourcesOfFirst, doors } = divide(join(home, entry), declared);
  const numbers = new Map([...doors.keys()].map((path, number) => [path, number]));
  const alias = (path, name) => `door${numbers.get(path)}_${name}`;
  const pluginData = 'resolved';
  const plugin = {
    name: 'later part',
    setup(esbuild) {
      esbuild.onResolve({ filter: /^\./, namespace: 'file' }, async (asked) => {
        const { path, importer, kind, resolveDir } = asked;
        if (asked.pluginData === pluginData || !sourcesOfFirst.has(importer)) return undefined;
        const found = await esbuild.resolve(path, {
          kind,
          importer,
          resolveDir,
          pluginData,
          namespace: 'file',
        });
        if (found.errors.length > 0 || !declared.has(found.path)) return undefined;
        if (!doors.has(found.path)) throw new Error(`${importer} imports ${path} in a way that is not seen`);
        return { path: found.path, namespace: 'stand-in', sideEffects: false };
      });
      esbuild.onResolve({ filter: /^stand-in$/ }, ({ path }) => ({
        path,
        namespace: 'stand-in',
        sideEffects: false,
      }));
      esbuild.onResolve({ filter: /^first-part$/ }, () => ({ path: join(home, entry) }));
      esbuild.onResolve({ filter: /^later-part$/ }, ({ path }) => ({ path, namespace: path }));
      esbuild.onLoad({ filter: /./, namespace: 'stand-in' }, ({ path }) => {
        if (path === 'stand-in') return { contents: STAND_IN };
        const list = doors
          .get(path)
          .map((name) => `export const ${name} = /* @__PURE__ */ standIn('${alias(path, name)}');`);
        return { contents: `import { standIn } from 'stand-in';\n${list.join('\n')}`, resolveDir: home };
      });
      // The later part imports all of the first, so that esbuild has this in one scope.
      esbuild.onLoad({ filter: /./, namespace: 'later-part' }, () => {
        const list = [...doors].map(([path, exported]) => {
          const all = exported.map((name) => `${name} as ${alias(path, name)}`);
          return `export { ${all.join(', ')} } from ${JSON.stringify(path)};`;
        });
        return { contents: `import 'first-part';\n${list.join('\n')}`, resolveDir: home };
      });
    },
  };
  const { metafile, outputFiles } = await build({
    ...options,
    entryPoints: { first: entry, later: 'later-part' },
    outdir: home,
    chunkNames: 'common-[hash]',
    format: 'esm',
    splitting: true,
    write: false,
    metafile: true,
    plugins: [plugin, ...options.plugins],
  });
  const inFirst = Object.entries(metafile.outputs).flatMap(([name, { inputs }]) =>
    name === 'later.js' ? [] : Object.keys(inputs).filter((input) => declared.has(resolve(home, input))),
  );
  if (inFirst.length > 0) throw new Error(`not only the later part needs ${inFirst.join(', ')}`);
  const part = (name) => {
    const found = outputFiles.filter(({ path }) => path.startsWith(join(home, name)));
    if (found.length !== 1) throw new Error(`esbuild has made ${outputFiles.length} parts`);
    return dissect(found[0].text);
  };
  const first = part('first');
  const common = part('common-');
  const later = part('later');
  if (first.body.trim() !== '') throw new Error('the first part is not in one scope');
  // What `first` exports it imports from `common`, under the names that this exports.
  const own = new Map(common.exports.map(({ name, as }) => [as, name]));
  const local = new Map(first.imports.map(({ name, as }) => [as, own.get(name)]));
  const exported = first.exports.map(({ name, as }) => ({ name: local.get(name), as }));
  const wanted = new Set(later.imports.map(({ name }) => name));
  return {
    metafile,
    texts: {
      first: `${common.body}
Object.assign(exports, ${object(exported)});
globalThis[Symbol.for('criu.later')] = module.later;
module.scope = () => (${object(common.exports.filter(({ as }) => wanted.has(as)))});`,
      later: `const ${pattern(later.imports)} = module.scope();
${later.body}
Object.assign(exports, ${object(later.exports)});`,
    },
  };
}
