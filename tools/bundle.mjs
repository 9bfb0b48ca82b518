// Bundles a command into CommonJS files that the launcher (launcher.cjs) runs: node's loader for modules and V8's compiler
// would cost more than a small dump takes.
import { createHash } from 'node:crypto';
import {
  appendFileSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  readFileSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join, relative, resolve } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { build } from 'esbuild';
import { buildBoth, laterName } from './later.mjs';
import { leanYargs } from './lean-yargs.mjs';

const tools = dirname(fileURLToPath(import.meta.url));
const root = dirname(tools);

const CONSTANTS = join(root, 'native/lib/abi.generated.ts');

/** What every bundle depends on, beside its sources: the versions of dependencies, and how it is made. */
const COMMON = ['package-lock.json', 'tools/bundle.mjs', 'tools/later.mjs', 'tools/lean-yargs.mjs'].map(
  (file) => join(root, file),
);

/**
 * A source whose imports of other sources, made when it needs them, are made at once: esbuild has every module that may be loaded
 * later, and all that it needs, in a function of its own, which takes a start longer than modules that are not needed do.
 */
function atOnce(source) {
  const imports = [];
  const contents = source.replace(/\bawait import\('((?:\.|@criu\/)[^']*)'\)/g, (_, path) => {
    imports.push(`import * as part${imports.length} from '${path}';\n`);
    return `part${imports.length - 1}`;
  });
  return imports.join('') + contents.replace(/\bawait import\('(\w[^']*)'\)/g, "require('$1')");
}

/**
 * A source that has the constants of the native layer by way of a namespace of its own: esbuild then puts their values where they
 * are used. By way of a namespace that another module exports, each use is a call of a function: some thirty for a descriptor.
 */
function withConstants(source) {
  return source.replace(/import \{([^}]*)\} from '@criu\/native';/g, (all, list) => {
    const names = list.split(',').map((name) => name.trim());
    if (!names.includes('abi')) return all;
    const others = names.filter((name) => name !== '' && name !== 'abi');
    return `import { ${others.join(', ')} } from '@criu/native'; import * as abi from ${JSON.stringify(CONSTANTS)};`;
  });
}

/**
 * Sources find what lies beside them by `import.meta.url`. On this machine that is where they are; in a package it is where
 * the compiled file of the source is.
 */
function ownPlaces(home, inPlace, whole) {
  const src = join(home, 'src');
  const placeOf = (path) => {
    if (inPlace) return JSON.stringify(pathToFileURL(path).href);
    if (path.startsWith(`${root}/native/`))
      return "require('node:url').pathToFileURL(require.resolve('@criu/native')).href";
    const file = path.startsWith(`${src}/`) ? relative(src, path).replace(/ts$/, 'js') : 'bundle.js';
    return `require('node:url').pathToFileURL(require('node:path').join(__dirname, ${JSON.stringify(file)})).href`;
  };
  return {
    name: 'places',
    setup(esbuild) {
      esbuild.onLoad({ filter: /[/\\](src|native[/\\]lib)[/\\].*\.ts$/ }, ({ path }) => {
        const source = readFileSync(path, 'utf8');
        const contents = withConstants(whole ? atOnce(source) : source);
        if (contents === source && !contents.includes('import.meta.url')) return undefined;
        return { contents: contents.replaceAll('import.meta.url', placeOf(path)), loader: 'ts' };
      });
    },
  };
}

/** Parts of node that take milliseconds to load, and a package that makes tables as it is loaded: many a run does without. */
const HEAVY = [
  'child_process',
  'crypto',
  'dns/promises',
  'fzstd',
  'module',
  'net',
  'readline',
  'timers/promises',
  'tty',
];

/** The others that sources import. */
const LIGHT = ['buffer', 'fs', 'os', 'path', 'url', 'util'];

/**
 * Parts of node as modules of a bundle, with a variable for each name that sources import. esbuild has each importing module ask node
 * for the part, and copy it name by name if it asks for all of it. `heavy` ones are loaded when something of them is used, not
 * when a module names them.
 */
function partsOfNode(heavy) {
  const namespace = heavy ? 'late' : 'early';
  const value = heavy
    ? `(name) => {
        const late = new Proxy(function () {}, {
          apply: (_, self, args) => Reflect.apply(part()[name], self, args),
          construct: (_, args, made) => Reflect.construct(part()[name], args, made === late ? part()[name] : made),
          get: (_, key) => part()[name][key],
        });
        return late;
      }`
    : '(name) => part[name]';
  return {
    name: `${namespace} parts of node`,
    setup(esbuild) {
      const filter = new RegExp(`^(node:)?(${(heavy ? HEAVY : LIGHT).join('|')})$`);
      esbuild.onResolve({ filter }, ({ path, kind, namespace: from }) => {
        if (from === namespace || (!heavy && kind !== 'import-statement')) return undefined;
        return { path, namespace, sideEffects: false };
      });
      esbuild.onLoad({ filter: /./, namespace }, ({ path }) => {
        const names = Object.keys(createRequire(import.meta.url)(path)).filter((name) => name !== 'default');
        const contents = [
          `const part = ${heavy ? '() => ' : ''}require('${path}'), value = ${value};`,
          ...names.map((name) => `export const ${name} = /* @__PURE__ */ value('${name}');`),
        ].join('\n');
        return { contents, loader: 'js', resolveDir: root };
      });
    },
  };
}

/** The launcher compiles bundles itself, to have what V8 makes of them; small ones are modules that need no such thing. */
const AS_FUNCTION = {
  banner: { js: '(function (exports, require, module, __filename, __dirname) {' },
  footer: { js: '})' },
};

/**
 * The launcher reads bundles as Latin-1, which costs nothing: so all of a bundle is ASCII. esbuild leaves other characters where
 * they are in tagged templates; there an escape means the same to whoever takes no `raw` text.
 */
function toAscii(file) {
  const text = readFileSync(file, 'utf8');
  const escaped = (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`;
  const ascii = text.replace(/[^\0-\x7f]/g, escaped);
  if (ascii !== text) writeFileSync(file, ascii);
}

/**
 * What V8 compiles of a bundle is known to be of this one by the hash at its end.
 * @returns the hash
 */
function addHash(file) {
  const hash = createHash('sha1').update(readFileSync(file)).digest('hex');
  appendFileSync(file, `\n//${hash}`);
  return hash;
}

/** What the launcher compares: files and their hashes as lines, and when they were changed and their sizes one after the other. */
function listOf(home, paths, begun) {
  const hashOf = (path) => createHash('sha1').update(readFileSync(path)).digest('hex');
  return {
    files: paths.map((path) => `${relative(home, path)}\n`).join(''),
    hashes: paths.map((path) => `${hashOf(path)}\n`).join(''),
    seen: paths.flatMap((path) => {
      const { mtimeMs, size } = statSync(path);
      // What has changed while it was being read is looked into at the next start.
      return [mtimeMs < begun ? mtimeMs : 0, size];
    }),
  };
}

/**
 * Writes bundles into a directory, with the lists of their sources and, for a package, the launcher.
 * @param home of the package
 * @param entries source of each bundle by its name, relative to `home`
 * @param inPlace for use on this machine only
 * @param whole names of those in which no source is loaded later than others
 * @param later what is loaded when it is needed, by the name of the bundle: sources, relative to `home`
 * @param plain names of small ones, which are modules of their own: what V8 compiles of them is not kept
 */
export async function bundleCommand(
  home,
  outdir,
  { entries, inPlace = false, lean = false, whole = [], later = {}, plain = ['version'], plugins = [] },
) {
  const begun = Date.now() - 10;
  const manifest = join(home, 'package.json');
  const { version } = JSON.parse(readFileSync(manifest, 'utf8'));
  mkdirSync(outdir, { recursive: true });
  const all = new Set();
  for (const [name, source] of Object.entries(entries)) {
    const options = {
      absWorkingDir: home,
      metafile: true,
      bundle: true,
      platform: 'node',
      target: 'node20',
      charset: 'ascii',
      conditions: ['@criu/source'],
      plugins: [
        ownPlaces(home, inPlace, whole.includes(name)),
        partsOfNode(true),
        partsOfNode(false),
        leanYargs({ lean }),
        ...plugins,
      ],
      define: { CRIU_PACKAGE_VERSION: JSON.stringify(version), 'import.meta.url': '"file:///"' },
      minifySyntax: true,
      minifyWhitespace: !inPlace,
      lineLimit: 200,
      legalComments: 'eof',
      logLevel: 'warning',
      logOverride: { 'require-resolve-not-external': 'silent' },
    };
    const outfile = (one) => join(outdir, `${one}.cjs`);
    let inputs;
    if (later[name]) {
      const both = await buildBoth(build, { home, entry: source, sources: later[name], options });
      inputs = both.metafile.inputs;
      for (const [one, text] of [
        [name, both.texts.first],
        [laterName(name), both.texts.later],
      ])
        writeFileSync(outfile(one), `${AS_FUNCTION.banner.js}\n${text}\n${AS_FUNCTION.footer.js}\n`);
    } else {
      const single = { ...options, ...(plain.includes(name) ? {} : AS_FUNCTION) };
      const made = await build({ ...single, entryPoints: [source], outfile: outfile(name), format: 'cjs' });
      inputs = made.metafile.inputs;
    }
    toAscii(outfile(name));
    const hash = addHash(outfile(name));
    if (later[name]) {
      const other = outfile(laterName(name));
      toAscii(other);
      // The launcher takes a later part with the bundle that it was built with only.
      appendFileSync(other, `\n//${hash}`);
      addHash(other);
    }
    const sources = Object.keys(inputs)
      .filter(
        (input) => !input.includes('node_modules/') && !/^(late|early|stand-in|later-part):/.test(input),
      )
      .map((input) => resolve(home, input));
    for (const one of sources) all.add(one);
    // The launcher looks at one list: that of the last bundle is for those before it, too.
    const counted = plain.includes(name) ? sources : all;
    const own = ['bundle.mjs', 'later.mjs']
      .map((file) => join(home, file))
      .filter((file) => existsSync(file));
    const list = listOf(home, [...COMMON, manifest, ...own, ...counted], begun);
    writeFileSync(join(outdir, `${name}.sources.json`), JSON.stringify(list));
  }
  if (!inPlace) copyFileSync(join(tools, 'launcher.cjs'), join(outdir, 'launcher.cjs'));
}
