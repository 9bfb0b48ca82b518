// Manual pages of commands that are declared to yargs.
import { declaredBy } from './declared.mjs';
import { entry, example, page, paragraph, plain } from './roff.mjs';

const sentence = (text) => {
  const whole = text.replace(/^[a-z](?=[a-z]*[ ,;:])/, (letter) => letter.toUpperCase());
  return /[.!?]$/.test(whole) ? whole : `${whole}.`;
};

/** `<pid> [arg]` and `<PID> [ARG]` alike as placeholders. */
const usage = (name, text) =>
  `\\fB${plain(name)}\\fR ${text
    .split(/\s+/)
    .map((word) =>
      /^[<[]/.test(word) ? `\\fI${plain(word.replace(/[<>]/g, ''))}\\fR` : `\\fB${plain(word)}\\fR`,
    )
    .join(' ')}`;

function optionTerm({ name, alias, type, describe = '' }) {
  const names = [...[alias ?? []].flat(), name].sort((a, b) => a.length - b.length);
  const forms = names.map((one) => `\\fB${plain(one.length === 1 ? `-${one}` : `--${one}`)}\\fR`);
  // Some declarations begin with the name of the value.
  const value =
    /^([A-Z]+): /.exec(describe)?.[1] ?? (type === 'number' ? 'N' : type === 'boolean' ? '' : 'VALUE');
  return `${forms.join(', ')}${value && ` \\fI${value}\\fR`}`;
}

function optionText({ describe = '', choices, default: standard, demandOption }) {
  const parts = [sentence(describe.replace(/^[A-Z]+: /, ''))];
  if (choices) parts.push(`One of ${choices.map((choice) => `\`${choice}\``).join(', ')}.`);
  if (standard !== undefined && standard !== false && !Array.isArray(standard))
    parts.push(`Default: \`${standard}\`.`);
  if (demandOption) parts.push('Has to be given.');
  return parts.join(' ');
}

const options = (list) =>
  list.filter(({ hidden }) => !hidden).map((option) => entry(optionTerm(option), optionText(option)));

function commandParts(name, { usage: text, describe, options: own, positionals }) {
  const told = positionals.filter(({ describe: words, choices }) => words || choices);
  return [
    `.SS ${usage(name, text)}`,
    paragraph(sentence(describe)).replace(/^\.PP\n/, ''),
    ...told.map(({ name: which, ...rest }) =>
      entry(`\\fI${plain(which)}\\fR`, optionText({ ...rest, demandOption: false })),
    ),
    ...options(own),
  ];
}

/**
 * A page of section 1.
 * @param of `source` with the declarations, `summary`, `description` in paragraphs, `status` and `examples` as pairs, `seeAlso`
 */
export async function declaredPage(name, of, { version, date }) {
  const declared = await declaredBy(of.source);
  const commands = declared.commands.filter(({ describe }) => describe);
  return page({
    name,
    section: 1,
    version,
    date,
    summary: of.summary,
    sections: [
      ['SYNOPSIS', commands.map(({ usage: text }) => `.PP\n${usage(name, text)} [\\fIOPTION\\fR]...`)],
      ['DESCRIPTION', of.description.map(paragraph)],
      ['COMMANDS', commands.flatMap((command) => commandParts(name, command))],
      [
        'OPTIONS',
        [
          ...options(declared.options),
          entry(
            of.noShortHelp ? '\\fB\\-\\-help\\fR' : '\\fB\\-h\\fR, \\fB\\-\\-help\\fR',
            'What there is, or what belongs to a command.',
          ),
          entry('\\fB\\-\\-version\\fR', 'The version.'),
        ],
      ],
      ['EXIT STATUS', of.status.map(([code, text]) => entry(`\\fB${code}\\fR`, text))],
      ['EXAMPLES', of.examples.flatMap(([text, lines]) => [paragraph(text), example(lines)])],
      ['SEE ALSO', [of.seeAlso.map((text) => text.replace(/^([a-z]+)/, '\\fB$1\\fR')).join(', ')]],
    ],
  });
}
