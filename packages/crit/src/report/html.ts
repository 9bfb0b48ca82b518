// HTML that is safe by construction: every value in a template is escaped, unless it is such a template itself.

/** A piece of markup, which only `html` creates. */
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
 * Replaces characters that are invisible or change the display of others (control characters, directional marks, lone
 * surrogates) by visible escapes.
 */
export function visible(text: string): string {
  return text.replace(/[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu, (unit) => {
    const code = unit.codePointAt(0) ?? 0;
    // The decoder maps bytes that are not UTF-8 to these surrogates.
    if (code >= 0xdc80 && code <= 0xdcff) return `\\x${(code - 0xdc00).toString(16)}`;
    const digits = code.toString(16);
    return code < 0x100 ? `\\x${digits.padStart(2, '0')}` : `\\u${digits.padStart(4, '0')}`;
  });
}
