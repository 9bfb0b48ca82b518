// `npm run release [-- --dry-run] [--as VERSION]`: gives all packages the next version, writes what has changed into CHANGELOG.md,
// commits and tags that. Nothing is pushed or published. The version follows from the commits since the last tag `vN.N.N`; the
// first release has that of the packages. `--dry-run` only says what would be done.
import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { parseArgs } from 'node:util';
import { readJson, root, workspacePackages } from './pack/packages.mjs';
import { nextVersion, parseCommit, sectionText, sizeOf, withSection } from './release/changelog.mjs';
import { inVersion, lockInVersion } from './release/versions.mjs';

const git = (...args) =>
  execFileSync('git', args, {
    cwd: root,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'pipe'],
    maxBuffer: 1 << 28,
  }).trim();

function lastTag() {
  try {
    return git('describe', '--tags', '--abbrev=0', '--match', 'v[0-9]*.[0-9]*.[0-9]*');
  } catch {
    return undefined;
  }
}

/** What commits since a tag, or all, have changed, the oldest first. */
function changesSince(tag) {
  const log = git(
    'log',
    '--reverse',
    '--no-merges',
    '--format=%s%x00%b%x01',
    ...(tag ? [`${tag}..HEAD`] : []),
  );
  return log
    .split('\x01')
    .map((entry) => entry.trim().split('\0'))
    .filter(([subject]) => subject)
    .map(([subject, body]) => parseCommit({ subject, body }))
    .filter(Boolean);
}

function refuse(message) {
  console.error(`release: ${message}`);
  process.exit(1);
}

const { values } = parseArgs({
  options: { 'dry-run': { type: 'boolean', default: false }, as: { type: 'string' } },
});
const dry = values['dry-run'];
const packages = workspacePackages();
const versions = new Set(packages.map(({ manifest }) => manifest.version));
if (versions.size !== 1) refuse(`the packages have several versions: ${[...versions].join(', ')}`);
const [current] = versions;
const dirty = git('status', '--porcelain');
if (dirty && !dry) refuse(`there is something that is not committed:\n${dirty}`);

const tag = lastTag();
const changes = changesSince(tag);
const size = sizeOf(changes);
if (size === undefined && values.as === undefined)
  refuse(`nothing has changed for users since ${tag ?? 'the beginning'}`);
const version = values.as ?? (tag === undefined ? current : nextVersion(current, size));
if (!/^\d+\.\d+\.\d+$/.test(version)) refuse(`no version: ${version}`);
if (git('tag', '--list', `v${version}`)) refuse(`there is a tag v${version} already`);

const section = sectionText({ version, date: new Date().toISOString().slice(0, 10), changes });
const places = packages.map(({ home }) => relative(root, home));
const files = new Map();
for (const place of places) {
  const file = join(place, 'package.json');
  files.set(file, `${JSON.stringify(inVersion(readJson(join(root, file)), version), null, 2)}\n`);
}
const lock = readJson(join(root, 'package-lock.json'));
files.set('package-lock.json', `${JSON.stringify(lockInVersion(lock, places, version), null, 2)}\n`);
files.set('CHANGELOG.md', withSection(readFileSync(join(root, 'CHANGELOG.md'), 'utf8'), section));

console.log(
  `${current} → ${version} (${tag ? `since ${tag}` : 'the first release'}, ${changes.length} commits)\n`,
);
console.log(section, '\n');
for (const [file, text] of files) {
  const same = readFileSync(join(root, file), 'utf8') === text;
  console.log(`${dry ? 'would be ' : ''}${same ? 'left as it is' : 'written'}: ${file}`);
  if (!dry && !same) writeFileSync(join(root, file), text);
}
if (dry) console.log(`would be committed and tagged: v${version}`);
else {
  git('add', ...files.keys());
  git('commit', '-m', `chore: release ${version}`);
  git('tag', '-a', `v${version}`, '-m', `Release ${version}`);
  console.log(`committed and tagged: v${version}`);
  console.log(
    'Next: npm run pack-check, git push --follow-tags, and in CI, which has what provenance needs: npm publish --workspaces',
  );
}
