// `node tools/layers.mjs`: which folder of a package may import which, and that nothing imports in a circle. Part of
// `npm run check`. With --list it prints the imports between folders.
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');

/**
 * The folders of `packages/criu-cli/src`, lowest first: a folder imports itself and those before it, an array is folders of one level. `.` is the files
 * at the top that everybody may import.
 */
const LAYERS = {
  'packages/criu-cli/src': [
    '.',
    'proc',
    'images',
    'arch',
    'features',
    'pages',
    'plugins',
    'engine',
    'views',
    'resources',
    'operations.ts',
    // The two ways to ask: they still know each other.
    ['cli', 'rpc'],
  ],
};
/** Files at the top with a place of their own among the folders. */
const ALONE = new Set(['operations.ts']);
/** Files at the top that compose all folders: what a package exports, and its commands. */
const TOP = { 'packages/criu-cli/src': ['index.ts'] };

const IMPORT = /(?:from|import)\s*\(?\s*'(\.{1,2}\/[^']+)'/g;

/** Imports between the files of a package: file → files, by paths relative to `src`. */
function graphOf(src) {
  const graph = new Map();
  const files = readdirSync(src, { recursive: true }).filter(
    (f) => f.endsWith('.ts') && !/\.(test|generated)\.ts$/.test(f),
  );
  for (const file of files) {
    const text = readFileSync(join(src, file), 'utf8');
    const targets = [...text.matchAll(IMPORT)].map(([, spec]) =>
      relative(src, resolve(src, dirname(file), spec.replace(/\.js$/, '.ts'))),
    );
    graph.set(
      file,
      [...new Set(targets)].filter((t) => !t.startsWith('..')),
    );
  }
  return graph;
}

const folderOf = (file) => (file.includes('/') ? file.split('/')[0] : ALONE.has(file) ? file : '.');
const levelOf = (layers, file) => layers.findIndex((entry) => [entry].flat().includes(folderOf(file)));
/** The folder of a resource, or of a kind of file or namespace: circles inside of it are its own business. */
const homeOf = (file) => (/^(cli|rpc)\//.test(file) ? 'cli' : resourceOf(file));
const resourceOf = (file) => (/^resources\/.+\//.test(file) ? file.split('/').slice(0, 2).join('/') : file);

/** Strongly connected components of more than one node (Tarjan's algorithm). */
function circles(graph) {
  const index = new Map();
  const low = new Map();
  const stack = [];
  const found = [];
  const visit = (node) => {
    index.set(node, index.size);
    low.set(node, index.get(node));
    stack.push(node);
    for (const next of graph.get(node) ?? []) {
      if (!index.has(next)) {
        visit(next);
        low.set(node, Math.min(low.get(node), low.get(next)));
      } else if (stack.includes(next)) low.set(node, Math.min(low.get(node), index.get(next)));
    }
    if (low.get(node) !== index.get(node)) return;
    const members = stack.splice(stack.indexOf(node));
    if (members.length > 1) found.push(members.sort());
  };
  for (const node of graph.keys()) if (!index.has(node)) visit(node);
  return found;
}

/** The same graph between groups of files. */
function grouped(graph, group) {
  const out = new Map();
  for (const [file, targets] of graph) {
    const from = group(file);
    const set = out.get(from) ?? new Set();
    out.set(from, set);
    for (const target of targets) if (group(target) !== from) set.add(group(target));
  }
  return out;
}

const faults = [];
for (const [dir, layers] of Object.entries(LAYERS)) {
  const graph = graphOf(join(root, dir));
  for (const [file, targets] of graph) {
    if (TOP[dir]?.includes(file)) continue;
    const from = levelOf(layers, file);
    if (from < 0) faults.push(`${dir}/${file}: its folder has no place in tools/layers.mjs`);
    for (const target of targets) {
      const to = levelOf(layers, target);
      if (TOP[dir]?.includes(target) || to > from)
        faults.push(`${dir}/${file} imports ${target}: ${folderOf(file)} comes before ${folderOf(target)}`);
    }
  }
  for (const members of circles(grouped(graph, homeOf)))
    faults.push(`${dir}: these import each other in a circle: ${members.join(', ')}`);
  if (process.argv.includes('--list'))
    for (const [from, to] of grouped(graph, folderOf)) console.log(`${from} -> ${[...to].join(' ')}`);
}
for (const fault of faults) console.error(fault);
if (faults.length > 0) process.exit(1);
