// Manual pages in the language of man(7), which both groff and mandoc read.

/** Text as it is to appear inside of a line: nothing in it is taken for an escape, and dashes are those that shells know. */
const inline = (text) =>
  text
    .replaceAll('\\', '\\e')
    .replaceAll('-', '\\-')
    .replaceAll('~', '\\(ti')
    .replaceAll('^', '\\(ha')
    .replaceAll('`', '\\(ga')
    .replaceAll('"', '\\(dq')
    .replace(
      /[^\x20-\x7e\n]/gu,
      (c) => `\\[u${c.codePointAt(0).toString(16).toUpperCase().padStart(4, '0')}]`,
    );

/** Lines that begin as a request does, but are none. */
const guarded = (roff) => roff.replace(/^(?=[.'])/gm, '\\&');

/** Text as it is to appear. */
export const plain = (text) => guarded(inline(text));

/** Running text: `code` between backticks is bold, names of pages as criu(8) too, long lines are broken where sentences are. */
export function prose(text) {
  const roff = text
    .split(/(`[^`]+`|\b[a-z][a-z0-9_.-]*\([1-8]\))/)
    .map((part, i) => {
      if (i % 2 === 0) return inline(part);
      if (part.startsWith('`')) return `\\fB${inline(part.slice(1, -1))}\\fR`;
      const [, name, section] = /^(.*)(\(\d\))$/.exec(part);
      return `\\fB${inline(name)}\\fR${section}`;
    })
    .join('');
  return guarded(roff)
    .split('\n')
    .flatMap((line) => line.split(/(?<=[.!?:]) (?=[A-Z(\\])/))
    .join('\n');
}

/** Words of a command line: what starts with a dash, or is lower case, as it is typed; upper case stands for something. */
export const syntax = (text) =>
  text
    .split(/((?<![-\w])[A-Z][A-Z_0-9:.]*(?![a-z]))/)
    .map((part, i) => (i % 2 === 1 ? `\\fI${plain(part)}\\fR` : part && `\\fB${plain(part)}\\fR`))
    .join('');

/** An entry with a term, which is roff already, and paragraphs on it. */
export const entry = (term, ...paragraphs) =>
  ['.TP', term, paragraphs.filter(Boolean).map(prose).join('\n.IP\n')].join('\n');

export const paragraph = (text) => `.PP\n${prose(text)}`;

/** Lines as they are. */
export const example = (text) => ['.PP', '.RS 4', '.nf', plain(text), '.fi', '.RE'].join('\n');

/**
 * A page.
 * @param sections pairs of a title and its parts; those without parts are left out
 */
export function page({ name, section, date, version, summary, sections }) {
  const lines = [
    '.\\" Made by tools/man.mjs from the declarations of commands and options; change it there.',
    `.TH ${name.toUpperCase()} ${section} "${date}" "criu\\-ts ${plain(version)}" "Checkpoint and restore"`,
    '.SH NAME',
    `${plain(name)} \\- ${plain(summary)}`,
  ];
  for (const [title, parts] of sections) {
    const all = parts.filter(Boolean);
    if (all.length === 0) continue;
    lines.push(title.startsWith(' ') ? `.SS ${plain(title.trim())}` : `.SH ${plain(title)}`);
    // A heading begins a paragraph already.
    lines.push(all.join('\n').replace(/^\.PP\n/, ''));
  }
  return `${lines.join('\n')}\n`;
}
