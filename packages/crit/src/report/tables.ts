// Tables of a report. On a phone each row becomes a card of a few lines.
import { type Content, type Html, html } from './html.js';

export interface Column<T> {
  readonly name: string;
  /** `num`: right-aligned; `wide`: may break anywhere, and has a line of its own on a phone; `fit`: never breaks. */
  readonly look?: 'num' | 'wide' | 'fit';
  /** Texts behind and before the value on a phone, where column headers are missing. */
  readonly unit?: string;
  readonly before?: string;
  readonly cell: (row: T) => Content;
}

/** Limit of rows, beyond which browsers become slow. */
const MOST = 3000;

/** @param plain a few narrow columns, which fit on a phone unchanged */
export function table<T>(columns: readonly Column<T>[], rows: readonly T[], plain = false): Html {
  const shown = rows.slice(0, MOST);
  const body = shown.map(
    (row) =>
      html`<tr>${columns.map(({ look, unit, before, cell }) => html`<td class="${look ?? ''}"${unit !== undefined && html` data-unit="${unit}"`}${before !== undefined && html` data-before="${before}"`}>${cell(row)}</td>`)}</tr>
`,
  );
  return html`<div class="scroll"><table class="${!plain && 'cards'}"><thead><tr>${columns.map(({ name, look }) => html`<th scope="col" class="${look === 'num' && 'num'}">${name}</th>`)}</tr></thead><tbody>
${body}</tbody></table></div>
${rows.length > MOST && html`<p class="note">${rows.length - MOST} more are not shown.</p>`}`;
}

export const mono = (text: Content): Html => html`<code>${text}</code>`;
