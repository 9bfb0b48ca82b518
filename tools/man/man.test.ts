// Manual pages: all that there is stands in them, and formatters have nothing to complain about.
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { MANUALS, writeManual } from '../man.mjs';
import { root } from '../pack/packages.mjs';
import { ERRORS } from './criu.mjs';
import { load } from './load.mjs';
import { plain, prose, syntax } from './roff.mjs';

const files = new Map<string, string>();
beforeAll(async () => {
  for (const name of MANUALS) files.set(name, await writeManual(name));
});
const text = (name: string) => readFileSync(files.get(name) ?? '', 'utf8');
const has = (tool: string) => spawnSync(tool, ['--version'], { stdio: 'ignore' }).error === undefined;

/** What a formatter says, that it cannot do. */
const complaints = (file: string) => {
  if (has('mandoc'))
    return spawnSync('mandoc', ['-T', 'lint', '-W', 'warning', file], { encoding: 'utf8' }).stdout;
  const env = { ...process.env, LC_ALL: 'C.UTF-8', MANWIDTH: '80' };
  return spawnSync('man', ['--warnings', '-l', '-Tutf8', file], { encoding: 'utf8', env }).stderr;
};

describe('roff', () => {
  it.each([
    ['.a line that begins as a request', '\\&.a line that begins as a request'],
    ["'another", "\\&'another"],
    ['--name=a\\b', '\\-\\-name=a\\eb'],
    ['~/x `y` "z" ^', '\\(ti/x \\(gay\\(ga \\(dqz\\(dq \\(ha'],
    ['a – b', 'a \\[u2013] b'],
  ])('shows %j as it is', (shown, roff) => expect(plain(shown)).toBe(roff));

  it('sets what is typed in bold, and what it stands for in italics', () => {
    expect(syntax('-D DIR')).toBe('\\fB\\-D \\fR\\fIDIR\\fR');
    expect(prose('With `-x`. See criu(8).')).toBe('With \\fB\\-x\\fR.\nSee \\fBcriu\\fR(8).');
  });

  it.skipIf(!has('mandoc') && !has('man'))('that is wrong is complained about', () => {
    const file = files.get('crit') ?? '';
    const broken = join(root, 'node_modules', '.cache', 'broken.1');
    spawnSync('sh', ['-c', `sed 's/^\\.SH NAME/.XY NAME/' '${file}' > '${broken}'`]);
    expect(complaints(broken)).not.toBe('');
  });
});

describe.each(MANUALS)('the page of %s', (name) => {
  it.skipIf(!has('mandoc') && !has('man'))('formats without a warning', () =>
    expect(complaints(files.get(name) ?? '')).toBe(''),
  );

  it('has the same sections as all', () => {
    const titles = [...text(name).matchAll(/^\.SH (.*)$/gm)].map(([, title]) => title);
    for (const title of [
      'NAME',
      'SYNOPSIS',
      'DESCRIPTION',
      'COMMANDS',
      'OPTIONS',
      'EXIT STATUS',
      'EXAMPLES',
      'SEE ALSO',
    ])
      expect(titles).toContain(title);
  });
});

describe('criu(8)', () => {
  it('has each option, each command that is not hidden, and each feature', async () => {
    const { OPTIONS, COMMANDS, FEATURES } = await load(`
      export { OPTIONS } from './packages/criu-cli/src/cli/option-table.ts';
      export { COMMANDS } from './packages/criu-cli/src/cli/commands.ts';
      export { FEATURES } from './packages/criu-cli/src/features/index.ts';`);
    expect(OPTIONS.length).toBeGreaterThan(70);
    for (const { name } of OPTIONS) expect(text('criu')).toContain(plain(`--${name}`));
    for (const { name, hidden } of COMMANDS)
      if (!hidden) expect(text('criu')).toContain(`criu ${plain(name)}`);
    for (const { name } of FEATURES) expect(text('criu')).toContain(`\\fB${plain(name)}\\fR`);
  });

  it('explains each code of an error', async () => {
    const { criuErrorCodes } = await load(
      `export { criuErrorCodes } from './packages/criu-cli/src/errors.ts';`,
    );
    const codes: string[] = [...criuErrorCodes];
    expect(codes.length).toBeGreaterThan(15);
    expect(Object.keys(ERRORS)).toEqual(expect.arrayContaining(codes));
    for (const code of codes) expect(text('criu')).toContain(`\\fB${code}\\fR`);
  });
});
