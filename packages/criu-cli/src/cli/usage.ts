// `criu --help`, written from the tables of commands and options, and the short text for a wrong call.
import { COMMANDS } from './commands.js';
import { GROUPS, OPTIONS, type OptionRecord } from './option-table.js';

/** What is special about an option, in a few words. */
export function optionNotes(option: OptionRecord): string[] {
  return [
    option.choices ? `one of ${option.choices.join(', ')}` : '',
    option.support === 'no' ? 'not supported yet' : '',
    option.support === 'accepted' ? 'accepted, no effect' : '',
    option.ours ? 'not in CRIU' : '',
  ].filter(Boolean);
}

/** `-D, --images-dir DIR`. */
export function optionForm(option: OptionRecord): string {
  const { name, alias, type, value } = option;
  if (type === 'verbosity') return '-v[v...], -vN, --verbosity[=N]';
  const shown = type === 'optional' ? `[=${value}]` : value ? ` ${value}` : '';
  return `${alias ? `-${alias}, ` : '    '}--${name}${shown}`;
}

/** Two columns: names at `indent`, texts from `column` on, broken at spaces. */
function entry(name: string, text: string, column: number, width: number): string {
  const lines: string[] = [];
  let line = `  ${name}`;
  if (line.length + 2 > column) {
    lines.push(line);
    line = '';
  }
  line = line.padEnd(column);
  let empty = true;
  for (const word of text.split(' ')) {
    if (!empty && line.length + 1 + word.length > width) {
      lines.push(line);
      line = ' '.repeat(column);
      empty = true;
    }
    line += empty ? word : ` ${word}`;
    empty = false;
  }
  return [...lines, line].join('\n');
}

/** The whole help text for a terminal of so many columns. */
export function helpText(columns: number): string {
  const width = Math.max(60, Math.min(columns, 100));
  const out = ['Usage: criu COMMAND [OPTION...]', '', 'Commands:'];
  for (const c of COMMANDS) {
    if (c.hidden) continue;
    out.push(entry(c.name, c.summary + (c.supported ? '' : ' [not supported yet]'), 18, width));
  }
  for (const group of GROUPS) {
    out.push('', `${group}:`);
    for (const option of OPTIONS.filter((o) => o.group === group)) {
      const notes = optionNotes(option);
      const text = option.help + (notes.length ? ` [${notes.join('; ')}]` : '');
      out.push(entry(optionForm(option), text, 32, width));
    }
  }
  out.push(
    '',
    'Most flags have an opposite, --no-NAME, for what a configuration file says: options are',
    'read from /etc/criu/default.conf, ~/.criu/default.conf, $CRIU_CONFIG_FILE and --config FILE.',
    '`criu check --feature list` prints the names of kernel features.',
  );
  return `${out.join('\n')}\n`;
}

/** For a call that cannot be understood. */
export function shortUsage(): string {
  const lines = COMMANDS.filter((c) => c.supported).map(
    (c) => `  criu ${c.name} ${c.synopsis} [OPTION...]`.padEnd(52) + c.summary,
  );
  return `Usage:\n${lines.join('\n')}\n\nTry criu --help for all commands and options.\n`;
}
