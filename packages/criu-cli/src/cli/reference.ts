// Generates docs/cli.md, the command reference, from the tables that the help uses.
import { FEATURES } from '../features/index.js';
import { COMMANDS } from './commands.js';
import { VARIABLES } from './environment.js';
import { GROUPS, OPTIONS, type OptionRecord, optionNotes } from './option-table.js';

const cell = (text: string) => text.replaceAll('|', '\\|').replaceAll('<', '&lt;');

/** The form of an option, such as `-D, --images-dir DIR`. */
function optionForm({ name, alias, type, value }: OptionRecord): string {
  if (type === 'verbosity') return '-v[v...], -vN, --verbosity[=N]';
  const shown = type === 'optional' ? `[=${value}]` : value ? ` ${value}` : '';
  return `${alias ? `-${alias}, ` : ''}--${name}${shown}`;
}

function optionRow(option: OptionRecord): string {
  const commands = option.commands ? option.commands.join(', ') : 'all';
  const notes = [...(option.choices ? [`one of ${option.choices.join(', ')}`] : []), ...optionNotes(option)];
  const help = option.help + (notes.length ? ` (${notes.join('; ')})` : '');
  return `| \`${cell(optionForm(option))}\` | ${cell(help)} | ${commands} |`;
}

/** The text of docs/cli.md. */
export function referenceText(): string {
  const out = [
    '# criu: command reference',
    '',
    '<!-- Made by `npm run docs` from packages/criu-cli/src/cli/option-table.ts; change it there. -->',
    '',
    'Commands and options are those of `criu`(8) of CRIU 4.2; images are the same, so that each can restore what the',
    'other dumped. What is refused is an error that names it, says why and what can be done instead; nothing is silently left',
    'out.',
    '',
    '## Commands',
    '',
    '| command | what it does |',
    '| --- | --- |',
  ];
  for (const c of COMMANDS)
    out.push(
      `| \`${`criu ${c.name} ${cell(c.synopsis)}`.trim()}\` | ${c.summary}${c.supported ? '' : ' (not yet)'} |`,
    );
  out.push(
    '',
    '`criu COMMAND --help` shows what belongs to a command. `criu completion >> ~/.bashrc` has the shell complete commands,',
    'options and, where they are known, values (`~/.zshrc` for zsh).',
    '',
    '## Options',
    '',
    'Long options may be cut short as long as they are unambiguous. Most flags have an opposite, `--no-NAME`. A value',
    'that may be left out, shown as `[=VALUE]`, is only ever given after `=` (or right after the letter).',
  );
  for (const group of GROUPS) {
    out.push('', `### ${group}`, '', '| option | what it does | commands |', '| --- | --- | --- |');
    out.push(...OPTIONS.filter((o) => o.group === group).map(optionRow));
  }
  out.push(
    '',
    '## criu-ns',
    '',
    '`criu-ns` takes the commands `dump`, `pre-dump`, `restore` and `check` of `criu` with their options. It restores into new pid',
    'and mount namespaces, so that it does not matter whether the pids of the tasks are taken; a dump is made in the namespaces',
    'of the task, where these pids are those that it has. `--criu-binary PATH` has another criu do the work. The file of',
    '`--pidfile` has the pid of the root task as it is outside. A `criu restore` that is the first process of its pid namespace',
    '(`criu-ns`, or the entry point of a container) stays for as long as there are tasks, also with `--restore-detached`.',
    '',
    '## Configuration files',
    '',
    'Options are also read, in this order, from `/etc/criu/default.conf`, `~/.criu/default.conf`, the file that',
    '`CRIU_CONFIG_FILE` names, and the one of `--config` (which takes the place of the first two). The command line',
    'comes last, so that it has the last word. One option a line, without dashes; a value with spaces stands in double',
    'quotes, and `\\"` is a quote in it; `#` begins a comment.',
    '',
    '```',
    'tcp-established',
    'verbosity 4',
    'work-dir "/var/log/my \\"criu\\" runs"   # with a comment',
    '```',
    '',
    '`criu config` shows what is in force, for any command line, and where each value comes from.',
    '',
    '## Environment variables',
    '',
    '| variable | what it is | |',
    '| --- | --- | --- |',
    ...VARIABLES.map(({ name, help, support, ours }) => {
      const note = { yes: '', always: 'always so', refused: 'no effect, with a warning' }[support];
      return `| \`${name}\` | ${cell(help)} | ${[note, ours ? 'not in CRIU' : ''].filter(Boolean).join('; ')} |`;
    }),
    '',
    '## Output and exit codes',
    '',
    '- 0: done. 1: it failed, and what was begun has been undone. 129, 130, 143: ended by a signal, and undone.',
    '- `restore` without `-d` waits for the root task and exits with 0 as CRIU does; with `--exit-with-task` its exit',
    '  status is that of the task (128 and the number of the signal when it was killed).',
    '- An error goes to standard error, always: what it is about, why, what to do, and a stable code in brackets.',
    '- `-o FILE` writes the log to FILE in the work directory, in the form `(00.001234) message`; lines of trouble begin',
    '  with `Error` or `Warn`. Without `-o` it goes to standard error.',
    '- On a terminal, and without `-o`, work that takes a while shows its progress. Errors, warnings and verdicts have colours there,',
    '  unless `NO_COLOR` is set or `TERM` is `dumb`; nothing of it goes into a file or a pipe.',
    '- `restore --dry-run` makes and changes nothing: it shows the tree, what has to be there and is not (files that are gone or have',
    '  changed, pids and ports that are taken, mounts, features of the kernel), with what to do about each. Exit code 1: something is in the',
    '  way. `-v` adds each step of each task, `--json` has all of it as data. Without root it looks at all but the kernel.',
    '',
    '## Kernel features',
    '',
    '`criu check` looks at the required features, without which nothing works, or something that any program may have, and at the',
    'optional ones, for which this version has another way or no use: they do not change the exit code. `--extra` adds those that only',
    'some process trees need, `--experimental` others, `--feature NAME` asks for one, also for the named ones, which nothing else asks for.',
    'Exit code 0: all that was asked for is there, which means that this version can use it on this kernel. Requests by RPC',
    'get the same answers.',
    '',
    '| name | what it is | without it | category | |',
    '| --- | --- | --- | --- | --- |',
    ...FEATURES.map((f) => {
      const notes = [
        f.lacking === undefined ? '' : `not in this version: ${f.lacking}`,
        f.ours ? 'not in CRIU' : '',
      ];
      return `| \`${f.name}\` | ${cell(f.what)} | ${cell(f.without)} | ${f.category} | ${cell(notes.filter(Boolean).join('; '))} |`;
    }),
    '',
  );
  return out.join('\n');
}
