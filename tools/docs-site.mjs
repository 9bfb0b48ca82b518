// `npm run docs:site`: a static site of the documents, with a reference of the API made from the types. What makes it is installed
// below node_modules/.cache on first use. Links that lead nowhere are an error. `--out DIR` says where it goes (site/).
import { spawnSync } from 'node:child_process';
import {
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { entryPoints, sections } from './site/pages.mjs';
import { slug } from './site/slug.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const home = join(root, 'node_modules', '.cache', 'site');
const source = join(home, 'src');
const { values } = parseArgs({ options: { out: { type: 'string', default: join(root, 'site') } } });

const repository = JSON.parse(readFileSync(join(root, 'packages/crit/package.json'), 'utf8'))
  .repository.url.replace(/^git\+/, '')
  .replace(/\.git$/, '');

function run(command, args, cwd = home) {
  const { status, error } = spawnSync(command, args, { cwd, stdio: ['ignore', 'inherit', 'inherit'] });
  if (error !== undefined) throw error;
  if (status !== 0) throw new Error(`${[command, ...args].join(' ')} ended with ${status}`);
}

/** Installed anew when the lock file has changed. */
function install() {
  mkdirSync(home, { recursive: true });
  const lock = readFileSync(join(root, 'tools/site/package-lock.json'), 'utf8');
  const mark = join(home, 'installed');
  if (existsSync(mark) && readFileSync(mark, 'utf8') === lock) return;
  for (const name of ['package.json', 'package-lock.json'])
    cpSync(join(root, 'tools/site', name), join(home, name));
  console.log('docs:site: installs VitePress and TypeDoc');
  run('npm', ['ci', '--no-audit', '--no-fund', '--loglevel=error']);
  writeFileSync(mark, lock);
}

/** One module for each package, by its name. */
function modules() {
  rmSync(join(home, 'modules'), { recursive: true, force: true });
  mkdirSync(join(home, 'modules'));
  return entryPoints.map((path) => {
    const { name, description } = JSON.parse(readFileSync(join(root, path, 'package.json'), 'utf8'));
    const index = join(root, path, path === 'native' ? 'lib/index.ts' : 'src/index.ts');
    const file = join(home, 'modules', `${name.replace('@criu/', '')}.ts`);
    writeFileSync(file, `/**\n * ${description}\n *\n * @module ${name}\n */\nexport * from '${index}';\n`);
    return file;
  });
}

/** Markdown of the types that packages export, a page for each. */
function reference() {
  const options = {
    entryPointStrategy: 'resolve',
    router: 'module',
    entryPoints: modules(),
    tsconfig: join(home, 'tsconfig.json'),
    plugin: ['typedoc-plugin-markdown'],
    out: join(source, 'api'),
    entryFileName: 'index',
    name: 'Reference of the API',
    readme: 'none',
    hideBreadcrumbs: true,
    hidePageHeader: true,
    disableSources: true,
    excludePrivate: true,
    excludeInternal: true,
    githubPages: false,
    logLevel: 'Error',
    skipErrorChecking: true,
    validation: false,
    useCodeBlocks: true,
    parametersFormat: 'table',
    enumMembersFormat: 'table',
    sanitizeComments: true,
  };
  const base = {
    extends: join(root, 'tsconfig.base.json'),
    compilerOptions: { noEmit: true, composite: false },
  };
  const typeRoots = [join(root, 'node_modules/@types')];
  Object.assign(base.compilerOptions, {
    declaration: false,
    declarationMap: false,
    sourceMap: false,
    typeRoots,
  });
  writeFileSync(join(home, 'tsconfig.json'), JSON.stringify({ ...base, files: options.entryPoints }));
  writeFileSync(join(home, 'typedoc.json'), JSON.stringify(options, undefined, 2));
  run(process.execPath, ['node_modules/typedoc/bin/typedoc', '--options', 'typedoc.json']);
  for (const name of readdirSync(options.out, { recursive: true }))
    if (name.endsWith('.md')) mend(join(options.out, name));
}

/** What TypeDoc links to within a page, and has no heading for, is left as text. */
function mend(file) {
  const text = readFileSync(file, 'utf8');
  const seen = new Map();
  const anchors = new Set();
  for (const [, heading] of text.matchAll(/^#+ (.*)$/gm)) {
    const anchor = slug(heading.replaceAll('\\', ''));
    const times = seen.get(anchor) ?? 0;
    seen.set(anchor, times + 1);
    anchors.add(times === 0 ? anchor : `${anchor}-${times}`);
  }
  const links = /\[((?:[^\]\\]|\\.)+)\]\(#([^)]+)\)/g;
  const mended = text.replace(links, (link, words, anchor) => (anchors.has(anchor) ? link : words));
  writeFileSync(file, mended.replaceAll(/<a id="[^"]*"><\/a> ?/g, ''));
}

const pages = new Set(sections.flatMap((section) => section.pages.map(([path]) => path)));

/** Where a link of a document leads on the site: to a page, or to the repository for what is none. */
function linkFrom(page, target) {
  if (/^([a-z]+:|#)/.test(target)) return target;
  const [path, anchor] = target.split('#');
  const file = relative(root, resolve(root, dirname(page), path)).replace(/\/$/, '');
  const readme = `${file}/README.md`;
  const place = pages.has(file) ? file : pages.has(readme) ? readme : undefined;
  const hash = anchor === undefined ? '' : `#${anchor}`;
  if (place !== undefined) return `/${place}${hash}`;
  if (!existsSync(join(root, file))) throw new Error(`${page}: the link ${target} leads nowhere`);
  const kind = statSync(join(root, file)).isDirectory() ? 'tree' : 'blob';
  return `${repository}/${kind}/main/${file}${hash}`;
}

function copyPages() {
  for (const page of pages) {
    if (page.startsWith('api/')) continue;
    const text = readFileSync(join(root, page), 'utf8');
    let fenced = false;
    const lines = text.split('\n').map((line) => {
      if (line.startsWith('```')) fenced = !fenced;
      if (fenced) return line;
      // Comments are for those who read the source.
      return line
        .replace(/^<!--.*-->$/, '')
        .replace(/\]\(([^)\s]+)\)/g, (_, target) => `](${linkFrom(page, target)})`);
    });
    mkdirSync(join(source, dirname(page)), { recursive: true });
    // What looks like an expression of Vue is text.
    writeFileSync(join(source, page), lines.join('\n').replaceAll('{{', '{\u200b{'));
  }
}

try {
  install();
  rmSync(source, { recursive: true, force: true });
  mkdirSync(join(source, '.vitepress', 'theme'), { recursive: true });
  copyPages();
  reference();
  // JSON is YAML, too.
  const start = readFileSync(join(root, 'tools/site/home.json'), 'utf8');
  writeFileSync(join(source, 'index.md'), `---\n${start}---\n`);
  for (const name of ['config.mjs', 'pages.mjs', 'slug.mjs'])
    cpSync(join(root, 'tools/site', name), join(source, '.vitepress', name));
  cpSync(join(root, 'tools/site/style.css'), join(source, '.vitepress/theme/style.css'));
  cpSync(join(root, 'tools/site/theme.mjs'), join(source, '.vitepress/theme/index.mjs'));
  const out = resolve(values.out);
  run(process.execPath, ['node_modules/vitepress/bin/vitepress.js', 'build', 'src', '--outDir', out]);
  console.log(`docs:site: ${out}; look at it with: npx serve ${out}`);
} catch (error) {
  console.error(`docs:site: ${error.message}`);
  process.exitCode = 1;
}
