// What has changed since a release, from the messages of commits in the form of conventionalcommits.org.

const SECTIONS = { feat: 'New', fix: 'Mended', perf: 'Faster' };

/**
 * Reads the message of one commit.
 * @returns `{ type, scope, breaking, subject }`; none for a message of another form
 */
export function parseCommit({ subject, body = '' }) {
  const match = /^(?<type>[a-z]+)(?:\((?<scope>[^)]+)\))?(?<bang>!)?: (?<text>.+)$/.exec(subject);
  if (!match) return undefined;
  const { type, scope, bang, text } = match.groups;
  const note = /^BREAKING[ -]CHANGE: ([\s\S]*?)(?:\n\n|(?![\s\S]))/m.exec(body)?.[1]?.replaceAll('\n', ' ');
  return { type, scope, breaking: bang !== undefined || note !== undefined, subject: note ?? text };
}

/** @returns `major`, `minor`, `patch`, or none when nothing has changed for users */
export function sizeOf(changes) {
  if (changes.some(({ breaking }) => breaking)) return 'major';
  if (changes.some(({ type }) => type === 'feat')) return 'minor';
  return changes.some(({ type }) => type in SECTIONS) ? 'patch' : undefined;
}

/** The version after one. Before 1.0.0 what breaks users counts as what is new. */
export function nextVersion(version, size) {
  const numbers = version.split('.').map(Number);
  if (numbers.length !== 3 || numbers.some((n) => !Number.isInteger(n)))
    throw new Error(`no version: ${version}`);
  const [major, minor, patch] = numbers;
  if (size === 'major' && major > 0) return `${major + 1}.0.0`;
  if (size === 'major' || size === 'minor') return `${major}.${minor + 1}.0`;
  return `${major}.${minor}.${patch + 1}`;
}

const line = ({ scope, subject }) => `- ${scope ? `**${scope}**: ` : ''}${subject}`;

/** The section of a release; commits that users do not notice are left out. */
export function sectionText({ version, date, changes }) {
  const parts = [`## ${version} (${date})`];
  const add = (title, list) => {
    if (list.length) parts.push(`### ${title}`, list.map(line).join('\n'));
  };
  add(
    'Other than before',
    changes.filter(({ breaking }) => breaking),
  );
  for (const [type, title] of Object.entries(SECTIONS))
    add(
      title,
      changes.filter((change) => change.type === type && !change.breaking),
    );
  return parts.join('\n\n');
}

/** A changelog with one more section, the newest first, below what stands before all sections. */
export function withSection(changelog, section) {
  if (!changelog.startsWith('# Changelog\n')) throw new Error('CHANGELOG.md does not begin with # Changelog');
  const first = changelog.search(/^## /m);
  const at = first < 0 ? changelog.length : first;
  const parts = [changelog.slice(0, at).trim(), section, changelog.slice(at).trim()];
  return `${parts.filter(Boolean).join('\n\n')}\n`;
}
