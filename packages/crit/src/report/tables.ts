// The tables of a report: on a phone each row becomes a small card of a few lines.
import { type Content, type Html, html } from './html.js';

export interface Column<T> {
  readonly name: string;
  /** `num` is set to the right, `wide` may break anywhere and has a line of its own on a phone, `fit` never breaks. */
  readonly look?: 'num' | 'wide' | 'fit';
  /** What a phone shows behind or before the value, where the name of the column would be missed. */
  readonly unit?: string;
  readonly before?: string;
  readonly cell: (row: T) => Content;
}

/** More rows than this make no page that a browser shows with ease. */
const MOST = 3000;

/** @param plain a few narrow columns, which fit on a phone as they are */
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
