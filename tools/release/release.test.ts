// A release: what changes since the last one make of the version and the changelog, and the whole of it in a clone.
import { execFileSync, spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readJson, root, workspacePackages } from '../pack/packages.mjs';
import { nextVersion, parseCommit, sectionText, sizeOf, withSection } from './changelog.mjs';
import { inVersion, lockInVersion } from './versions.mjs';

describe('a commit', () => {
  it.each([
    ['feat(crit): a report', '', { type: 'feat', scope: 'crit', breaking: false, subject: 'a report' }],
    ['fix: a fault', '', { type: 'fix', scope: undefined, breaking: false, subject: 'a fault' }],
    ['feat!: another', '', { type: 'feat', scope: undefined, breaking: true, subject: 'another' }],
    [
      'fix: x',
      'Why.\n\nBREAKING CHANGE: names\nare bytes\n\nMore.',
      { type: 'fix', scope: undefined, breaking: true, subject: 'names are bytes' },
    ],
    ['Merge branch x', '', undefined],
  ])('%j is read', (subject, body, read) => expect(parseCommit({ subject, body })).toEqual(read));
});

describe('a version', () => {
  it.each([
    ['1.2.3', 'major', '2.0.0'],
    ['1.2.3', 'minor', '1.3.0'],
    ['1.2.3', 'patch', '1.2.4'],
    ['0.2.3', 'major', '0.3.0'],
    ['0.2.3', 'minor', '0.3.0'],
    ['0.2.3', 'patch', '0.2.4'],
  ])('%s is followed after a %s change by %s', (version, size, next) =>
    expect(nextVersion(version, size)).toBe(next),
  );

  it('that is none is refused', () => expect(() => nextVersion('1.x', 'patch')).toThrow('no version: 1.x'));

  it('is as much higher as the largest change', () => {
    const sizes = (...subjects: string[]) => sizeOf(subjects.map((subject) => parseCommit({ subject })));
    expect(sizes('docs: a', 'test: b')).toBeUndefined();
    expect(sizes('docs: a', 'perf: b')).toBe('patch');
    expect(sizes('fix: a', 'feat: b')).toBe('minor');
    expect(sizes('fix!: a', 'feat: b')).toBe('major');
  });

  it('is given to a package and to those of ours that it needs', () => {
    const manifest = { name: 'a', version: '1.0.0', dependencies: { '@criu/b': '1.0.0', yargs: '^17' } };
    const wanted = { name: 'a', version: '2.0.0', dependencies: { '@criu/b': '2.0.0', yargs: '^17' } };
    expect(inVersion(manifest, '2.0.0')).toEqual(wanted);
    expect(lockInVersion({ packages: { 'packages/a': manifest } }, ['packages/a'], '2.0.0')).toEqual({
      packages: { 'packages/a': wanted },
    });
    expect(() => lockInVersion({ packages: {} }, ['packages/a'], '2.0.0')).toThrow('packages/a');
  });
});

describe('a changelog', () => {
  const changes = ['docs: no', 'feat(cli): an option', 'fix: a fault', 'perf!: other files'].map((subject) =>
    parseCommit({ subject }),
  );
  const section = sectionText({ version: '1.0.0', date: '2030-01-02', changes });

  it('has what users notice', () =>
    expect(section).toBe(
      '## 1.0.0 (2030-01-02)\n\n### Other than before\n\n- other files\n\n### New\n\n- **cli**: an option\n\n### Mended\n\n- a fault',
    ));

  it('has the newest release first', () => {
    expect(withSection('# Changelog\n', section)).toBe(`# Changelog\n\n${section}\n`);
    expect(withSection('# Changelog\n\n## 0.9.0\n', section)).toBe(`# Changelog\n\n${section}\n\n## 0.9.0\n`);
    const words = '# Changelog\n\nHow it is made.\n';
    expect(withSection(words, section)).toBe(`${words}\n${section}\n`);
    expect(withSection(`${words}\n## 0.9.0\n`, section)).toBe(`${words}\n${section}\n\n## 0.9.0\n`);
    expect(() => withSection('nothing', section)).toThrow('# Changelog');
  });
});

describe('npm run release', () => {
  let clone: string;
  const env = {
    ...process.env,
    GIT_AUTHOR_NAME: 'x',
    GIT_AUTHOR_EMAIL: 'x@localhost',
    GIT_COMMITTER_NAME: 'x',
    GIT_COMMITTER_EMAIL: 'x@localhost',
  };
  const git = (...args: string[]) =>
    execFileSync('git', ['-C', clone, ...args], {
      encoding: 'utf8',
      env,
      stdio: ['ignore', 'pipe', 'ignore'],
    }).trim();
  const release = (...args: string[]) =>
    spawnSync(process.execPath, ['tools/release.mjs', ...args], { cwd: clone, encoding: 'utf8', env });
  const commit = (subject: string) => {
    writeFileSync(join(clone, 'changed'), subject);
    git('add', '.');
    git('commit', '-m', subject);
  };

  beforeAll(() => {
    clone = mkdtempSync(join(tmpdir(), 'release-'));
    execFileSync('git', ['init', '-q', clone]);
    const files = ['package.json', 'package-lock.json', 'CHANGELOG.md', 'tools'];
    for (const { home } of workspacePackages()) files.push(join(home.slice(root.length), 'package.json'));
    for (const file of files) cpSync(join(root, file), join(clone, file), { recursive: true });
    writeFileSync(join(clone, 'CHANGELOG.md'), '# Changelog\n');
    commit('feat: all of it');
  });
  afterAll(() => rmSync(clone, { recursive: true }));

  it('says what would be done, and does nothing, in a dry run', () => {
    const before = git('rev-parse', 'HEAD');
    const { status, stdout } = release('--dry-run');
    expect(status).toBe(0);
    expect(stdout).toMatch(/the first release/);
    expect(stdout).toMatch(/### New\n\n- all of it/);
    expect(stdout).toMatch(/would be written: CHANGELOG.md/);
    expect([git('rev-parse', 'HEAD'), git('status', '--porcelain'), git('tag')]).toEqual([before, '', '']);
  });

  it('bumps all packages together, writes the changelog, commits and tags', () => {
    expect(release().status).toBe(0);
    const { version } = readJson(join(clone, 'native/package.json'));
    expect(git('tag')).toBe(`v${version}`);
    const [major, minor] = version.split('.');
    commit('feat(crit): something new');
    const { status, stdout } = release();
    expect(status).toBe(0);
    const next = `${major}.${Number(minor) + 1}.0`;
    expect(stdout).toContain(`committed and tagged: v${next}`);
    expect(git('tag', '--points-at', 'HEAD')).toBe(`v${next}`);
    expect(git('status', '--porcelain')).toBe('');
    const cli = readJson(join(clone, 'packages/criu-cli/package.json'));
    expect([cli.version, cli.dependencies['@criu/native']]).toEqual([next, next]);
    const lock = readJson(join(clone, 'package-lock.json')).packages['packages/criu-cli'];
    expect([lock.version, lock.dependencies['@criu/native']]).toEqual([next, next]);
    const log = readFileSync(join(clone, 'CHANGELOG.md'), 'utf8');
    expect(log.indexOf('something new')).toBeLessThan(log.indexOf('all of it'));
  });

  it.each<[string, () => unknown, RegExp]>([
    ['nothing has changed', () => commit('docs: words'), /nothing has changed for users since v/],
    ['something is not committed', () => writeFileSync(join(clone, 'changed'), '!'), /not committed/],
  ])('refuses when %s', (_, prepare, message) => {
    prepare();
    const { status, stderr } = release();
    expect(stderr).toMatch(message);
    expect(status).toBe(1);
  });
});
