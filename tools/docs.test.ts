// What the documents have to have: an entry for each code of an error, and links that lead somewhere.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { imageErrorCodes } from '@criu/images';
import { describe, expect, it } from 'vitest';
import { critErrorCodes } from '../packages/crit/src/failure.js';
import { OPTIONS } from '../packages/criu-cli/src/cli/option-table.js';
import { criuErrorCodes } from '../packages/criu-cli/src/errors.js';
import { imageReferenceText } from '../packages/images/src/reference.js';
import { sections } from './site/pages.mjs';
import { slug } from './site/slug.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const read = (path: string) => readFileSync(join(root, path), 'utf8');

describe('docs/troubleshooting.md', () => {
  const text = read('docs/troubleshooting.md');
  const section = (name: string) => {
    const from = text.indexOf(`\n## ${name}\n`);
    const to = text.indexOf('\n## ', from + 1);
    return text.slice(from, to < 0 ? undefined : to);
  };
  const headings = (part: string) => [...part.matchAll(/^### (.*)$/gm)].map(([, name]) => name);

  it('has an entry for each code of criu and of crit, and none for others', () => {
    expect(headings(section('criu'))).toEqual([...criuErrorCodes]);
    expect(headings(section('crit')).toSorted()).toEqual([...imageErrorCodes, ...critErrorCodes].toSorted());
  });

  /** The codes that the types of errors of a package list. */
  const codesOf = (path: string) =>
    [...read(path).matchAll(/^export type \w+Code =(.*?);$|^ +readonly code = ('\w+');$/gms)].flatMap(
      ([, list = '', one = '']) =>
        [...`${list}${one}`.matchAll(/^[ |]*'([A-Z_0-9]+)'/gm)].map(([, code]) => code),
    );

  it.each(['compel', 'soccr'])('has an entry for each code of %s, and none for others', (name) => {
    const codes = new Set(codesOf(`packages/${name}/src/errors.ts`));
    expect(codes.size).toBeGreaterThan(10);
    expect(headings(section(name)).toSorted()).toEqual([...codes].toSorted());
  });

  it('says something in each', () => {
    for (const part of text.split(/^### /m).slice(1))
      expect(part.split('\n').slice(1).join('').length).toBeGreaterThan(40);
  });
});

const known = new Map<string, ReadonlySet<string>>();
function anchorsOf(file: string): ReadonlySet<string> {
  const found =
    known.get(file) ??
    new Set([...read(file).matchAll(/^#+ (.*)$/gm)].map(([, heading = '']) => slug(heading)));
  known.set(file, found);
  return found;
}

describe('docs/coming-from-criu.md', () => {
  it('names each option that is refused', () => {
    const text = read('docs/coming-from-criu.md');
    const refused = OPTIONS.filter(({ support }) => support === 'no').map(({ name }) => `\`--${name}\``);
    expect(refused.length).toBeGreaterThan(5);
    expect(refused.filter((name) => !text.includes(name))).toEqual([]);
  });

  it('is true of those that are accepted without effect: docs/cli.md says so', () => {
    const accepted = OPTIONS.filter(({ support }) => support === 'accepted').map(({ name }) => name);
    const rows = read('docs/cli.md').split('\n');
    for (const name of accepted)
      expect(rows.some((row) => row.includes(`--${name}`) && row.includes('always so'))).toBe(true);
  });
});

it('docs/image-files.md is what the schema says (npm run docs)', () => {
  expect(read('docs/image-files.md')).toBe(imageReferenceText());
});

describe('docs/support.md', () => {
  it('names features as `criu check` does', () => {
    const rows = [...read('docs/support.md').matchAll(/^\| (`[a-z_0-9-]+`(?:, `[a-z_0-9-]+`)*) +\| \d/gm)];
    const named = rows.flatMap(([, names = '']) =>
      [...names.matchAll(/`([^`]+)`/g)].map(([, name = '']) => name),
    );
    expect(named.length).toBeGreaterThan(10);
    const cli = read('docs/cli.md');
    expect(named.filter((name) => !cli.includes(`| \`${name}\` |`))).toEqual([]);
  });
});

describe('the site (npm run docs:site)', () => {
  it('has every document and every package', () => {
    const listed = sections.flatMap(({ pages }) => pages.map(([path = '']) => path));
    const documents = readdirSync(join(root, 'docs')).filter((name) => name.endsWith('.md'));
    const packages = readdirSync(join(root, 'packages')).map((name) => `packages/${name}/README.md`);
    const all = [...documents.map((name) => `docs/${name}`), ...packages];
    expect(all.filter((path) => !listed.includes(path))).toEqual([]);
    expect(listed.filter((path) => path !== 'api/index.md' && !existsSync(join(root, path)))).toEqual([]);
  });
});

describe('links of the documents', () => {
  const packages = readdirSync(join(root, 'packages')).map((name) => `packages/${name}/README.md`);
  const pages = [
    ...readdirSync(join(root, 'docs'))
      .filter((name) => name.endsWith('.md'))
      .map((name) => `docs/${name}`),
    ...['README.md', 'CONTRIBUTING.md', 'SECURITY.md', 'native/README.md', ...packages],
  ].filter((page) => existsSync(join(root, page)));

  it.each(pages)('lead somewhere (%s)', (page) => {
    const plain = read(page).replace(/^```.*?^```/gms, '');
    const broken: string[] = [];
    for (const [, target = ''] of plain.matchAll(/\]\(([^)\s]+)\)/g)) {
      if (/^[a-z]+:/.test(target)) continue;
      const [path = '', anchor] = target.split('#');
      const file = path === '' ? page : relative(root, join(root, dirname(page), path));
      if (!existsSync(join(root, file))) broken.push(target);
      else if (anchor && file.endsWith('.md')) {
        if (!anchorsOf(file).has(anchor)) broken.push(target);
      }
    }
    expect(broken).toEqual([]);
  });
});
