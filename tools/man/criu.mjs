// criu(8), from the tables of commands, options, kernel features and errors.
import { load } from './load.mjs';
import { entry, example, page, paragraph, plain, syntax } from './roff.mjs';

const SOURCES = `
export { COMMANDS, RETIRED } from './packages/criu-cli/src/cli/commands.ts';
export { GROUPS, OPTIONS, optionNotes } from './packages/criu-cli/src/cli/option-table.ts';
export { VARIABLES } from './packages/criu-cli/src/cli/environment.ts';
export { FEATURES } from './packages/criu-cli/src/features/index.ts';
export { CriuError } from './packages/criu-cli/src/errors.ts';
`;

/** What each code means; what to do is told with the error itself, and is the same here where it is always the same. */
export const ERRORS = {
  BAD_OPTION:
    'The command line, a configuration file or a request asks for something that there is not, or that cannot be done.',
  BAD_IMAGE: 'An image is damaged, or says what cannot be. Nothing was restored.',
  IMAGE_MISSING:
    'An image is not there. A dump that fails leaves no inventory, so that its images are never taken for whole.',
  IMAGE_DIR_IN_USE: 'Another dump or restore works with this directory of images.',
  NO_SUCH_TASK: 'There is no process with this pid.',
  TASK_DIED: 'A process ended while it was being dumped or restored.',
  NOT_PERMITTED:
    'The kernel refused something for lack of a capability, or another program traces the process. What to do: run it as root outside of containers, which lack capabilities also for root; end debuggers and strace of the process.',
  NOT_DUMPABLE:
    'A process has something that cannot be kept, or is in a state in which it cannot be stopped.',
  UNSUPPORTED:
    'A process has something, or an image tells of something, that this version or this kernel cannot do.',
  PID_IN_USE: 'A pid that a restored process had is taken by another one.',
  FILE_CHANGED: 'A file that a process had open or mapped is not as it was at the dump.',
  NO_SPACE: 'The file system is full, or a quota is used up.',
  TIMEOUT: 'It took longer than it may, and was undone.',
  ABORTED:
    'It was called off, by a signal, by whoever had asked for it, or by the caller of the API, and undone.',
  NOTIFY_FAILED: 'An action script, or the client that is told of the stages, has failed or said no.',
  PLUGIN_FAILED: 'A plugin has failed, crashed, or not answered in time.',
  SYSCALL:
    'A system call failed for a reason that nobody had thought of; the message has its name and errno.',
  INTERNAL: 'Something that cannot be. Please report it, with the log of a run with -v4.',
  NATIVE_LOAD:
    'The native part does not run on this machine: Linux on x86_64 with glibc 2.28 or newer is needed.',
};

const SUPPORT = { yes: '', always: ' So it is in any case.', refused: ' Who sets it is warned.' };

const sentence = (text) => `${text[0].toUpperCase()}${text.slice(1)}.`;

function optionTerm({ name, alias, type, value, negatable }) {
  if (type === 'verbosity') return syntax('-v[v...], -vN, --verbosity[=N]');
  const shown = type === 'optional' ? `[=${value}]` : value ? ` ${value}` : '';
  const opposite = type === 'flag' && negatable !== false ? `, --no-${name}` : '';
  const bold = (text) => `\\fB${plain(text)}\\fR`;
  return `${alias ? `${bold(`-${alias}`)}, ` : ''}${bold(`--${name}`)}${shown && `\\fI${plain(shown)}\\fR`}${opposite && `, ${bold(opposite.slice(2))}`}`;
}

function optionText(option, notes) {
  const help = `${option.help[0].toUpperCase()}${option.help.slice(1)}.`;
  const only = option.commands ? `Commands: ${option.commands.map((c) => `\`${c}\``).join(', ')}.` : '';
  const choices = option.choices ? `One of ${option.choices.map((c) => `\`${c}\``).join(', ')}.` : '';
  const refusal = option.refusal ? `Refused: ${option.refusal.why}. Instead: ${option.refusal.instead}.` : '';
  const others = notes
    .filter((note) => note !== 'refused')
    .map((note) => `${note[0].toUpperCase()}${note.slice(1)}.`);
  return [help, choices, only, refusal, ...others].filter(Boolean).join(' ');
}

export async function criuPage({ version, date }) {
  const { COMMANDS, RETIRED, GROUPS, OPTIONS, optionNotes, FEATURES, VARIABLES, CriuError } =
    await load(SOURCES);
  const commands = COMMANDS.filter(({ hidden }) => !hidden);
  return page({
    name: 'criu',
    section: 8,
    version,
    date,
    summary: 'checkpoint and restore running processes',
    sections: [
      [
        'SYNOPSIS',
        commands.map(({ name, synopsis }) =>
          ['.PP', `${syntax(`criu ${name} ${synopsis}`.trim())} [\\fIOPTION\\fR]...`].join('\n'),
        ),
      ],
      [
        'DESCRIPTION',
        [
          paragraph(
            '`criu dump` stops a process and all its descendants, writes their whole state into image files, and ends them unless told otherwise. ' +
              '`criu restore` makes them anew from the images, and they go on from where they were: in the same place, after a reboot, or on another machine.',
          ),
          paragraph(
            'Images, commands and options are those of CRIU 4.2, so that either can restore what the other has dumped. ' +
              'What cannot be kept is an error that names it; nothing is silently left out. A dump that fails leaves the processes running as they were, and a restore that fails leaves nothing behind.',
          ),
          paragraph(
            'A process that runs in a terminal needs `--shell-job` for both. Root is needed for both, or `--unprivileged` with CAP_CHECKPOINT_RESTORE.',
          ),
        ],
      ],
      [
        'COMMANDS',
        [
          ...commands.map(({ name, synopsis, summary }) =>
            entry(syntax(`${name} ${synopsis}`.trim()), `${summary[0].toUpperCase()}${summary.slice(1)}.`),
          ),
          ...Object.entries(RETIRED).map(([name, instead]) => entry(syntax(name), `Retired: ${instead}.`)),
        ],
      ],
      [
        'OPTIONS',
        [
          paragraph(
            'Long options may be cut short as long as they are unambiguous. A value that may be left out is only ever given after `=`, or right after the letter. An option may be given with any command; it acts upon those that are named.',
          ),
        ],
      ],
      ...GROUPS.map((group) => [
        ` ${group}`,
        OPTIONS.filter((option) => option.group === group).map((option) =>
          entry(optionTerm(option), optionText(option, optionNotes(option))),
        ),
      ]),
      [
        'KERNEL FEATURES',
        [
          paragraph(
            '`criu check` looks at the required ones and the optional ones, for which this version has another way or no use, `--extra` and `--experimental` add others, `--feature NAME` asks for one.',
          ),
          ...FEATURES.map((f) =>
            entry(
              syntax(f.name),
              `${f.what} (${f.category}${f.lacking === undefined ? '' : `; not in this version: ${f.lacking}`}). Without it: ${f.without}.`,
            ),
          ),
        ],
      ],
      [
        'CONFIGURATION FILES',
        [
          paragraph(
            'Options are also read, in this order, from /etc/criu/default.conf, ~/.criu/default.conf, the file that CRIU_CONFIG_FILE names, and the one of `--config`, which takes the place of the first two. ' +
              'The command line has the last word. One option a line, without dashes; a value with spaces stands in double quotes; # begins a comment.',
          ),
          example('tcp-established\nverbosity 4\nwork-dir "/var/log/my criu runs"   # with a comment'),
        ],
      ],
      [
        'ENVIRONMENT',
        [
          ...VARIABLES.map(({ name, help, support }) =>
            entry(`\\fB${plain(name)}\\fR`, `${sentence(help)}${SUPPORT[support]}`),
          ),
        ],
      ],
      [
        'EXIT STATUS',
        [
          entry('\\fB0\\fR', 'Done.'),
          entry('\\fB1\\fR', 'It failed, and what was begun has been undone.'),
          entry('\\fB129\\fR, \\fB130\\fR, \\fB143\\fR', 'Ended by a signal, and undone.'),
          paragraph(
            '`restore` without `-d` waits for the root task and exits with 0; with `--exit-with-task` its exit status is that of the task.',
          ),
        ],
      ],
      [
        'ERRORS',
        [
          paragraph(
            'An error goes to standard error: what it is about, why, what can be done, and one of these codes in brackets. More on each is in `docs/troubleshooting.md` of the documentation (/usr/share/doc/criu-ts, or -node).',
          ),
          ...Object.entries(ERRORS).map(([code, meaning]) => {
            // What is to be done about this one depends on whoever asks.
            const remedy = code === 'NOT_PERMITTED' ? undefined : new CriuError(code, '').remedy;
            return entry(`\\fB${code}\\fR`, remedy ? `${meaning} What to do: ${remedy}.` : meaning);
          }),
        ],
      ],
      [
        'FILES',
        [
          entry(
            '\\fIDIR\\fR/inventory.img',
            'Says that a dump is complete; a directory without it has none.',
          ),
          entry('\\fIDIR\\fR/*.img', 'The images. crit(1) shows, checks and changes them.'),
          entry('/etc/criu/default.conf, ~/.criu/default.conf', 'Options.'),
          entry('/usr/lib/criu', 'Plugins, if it is there.'),
        ],
      ],
      [
        'EXAMPLES',
        [
          paragraph('A program is put to disk, looked at, and goes on:'),
          example(
            'criu dump -t PID -D /var/tmp/images\ncrit report /var/tmp/images -o report.html\ncriu restore -D /var/tmp/images -d',
          ),
          paragraph('A program that runs in this terminal:'),
          example('criu dump -t PID -D images --shell-job\ncriu restore -D images --shell-job'),
          paragraph('What this kernel can do:'),
          example('criu check --all'),
        ],
      ],
      [
        'SEE ALSO',
        [
          '\\fBcrit\\fR(1), \\fBcompel\\fR(1), \\fBsoccr\\fR(1), \\fBptrace\\fR(2), \\fBnamespaces\\fR(7), \\fBcgroups\\fR(7)',
        ],
      ],
    ],
  });
}
