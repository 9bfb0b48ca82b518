// HTML that is safe by construction: every value put into a template is escaped, unless it is itself such a template.

/** A piece of markup; only `html` makes them. */
export class Html {
  constructor(readonly text: string) {}
}

export type Content = Html | string | number | bigint | false | undefined | readonly Content[];

/** Template tag: `html`<b>${anything}</b>``. Also safe inside of quoted attributes. */
export function html(parts: TemplateStringsArray, ...values: readonly Content[]): Html {
  let out = '';
  for (const [index, part] of parts.entries()) out += part + markup(values[index]);
  return new Html(out);
}

function markup(content: Content): string {
  if (content === undefined || content === false) return '';
  if (content instanceof Html) return content.text;
  if (Array.isArray(content)) return content.map(markup).join('');
  return escapeHtml(visible(String(content)));
}

const ENTITIES: Record<string, string> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

export function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (unit) => ENTITIES[unit] ?? unit);
}

/**
 * Characters that have no shape, or would change how those around them are read (control characters, marks of writing
 * direction, halves of pairs), become escapes that can be seen.
 */
export function visible(text: string): string {
  return text.replace(/[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu, (unit) => {
    const code = unit.codePointAt(0) ?? 0;
    // The decoder has put bytes that are not UTF-8 here.
    if (code >= 0xdc80 && code <= 0xdcff) return `\\x${(code - 0xdc00).toString(16)}`;
    const digits = code.toString(16);
    return code < 0x100 ? `\\x${digits.padStart(2, '0')}` : `\\u${digits.padStart(4, '0')}`;
  });
}
