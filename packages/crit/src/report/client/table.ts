// A table with search, filters, sorting, and a limited number of rows at first. On a phone each row is a small card.
import { append, type Child, h, plural } from './dom.js';

export interface Column<T> {
  readonly name: string;
  /** `num`: right-aligned; `wide`: may break anywhere, and has a line of its own on a phone; `fit`: never breaks. */
  readonly look?: 'num' | 'wide' | 'fit';
  /** Text before the value on a phone, where the column header is missing. */
  readonly label?: string;
  readonly cell: (row: T) => Child;
  /** Whether a row has a value. A column without any value is not shown. */
  readonly optional?: (row: T) => boolean;
  /** Sort key of a row, used when the column header is clicked. */
  readonly sort?: (row: T) => number | string;
}

export interface Filter<T> {
  readonly name: string;
  readonly of: (row: T) => string;
}

export interface TableOptions<T> {
  readonly id: string;
  readonly label: string;
  /** Singular and plural of the rows, for the count. */
  readonly noun: readonly [string, string];
  readonly columns: readonly Column<T>[];
  readonly rows: readonly T[];
  readonly words?: (row: T) => string;
  readonly filters?: readonly Filter<T>[];
}

export interface DataTable {
  readonly element: HTMLElement;
  /** Sets the search text and clears the filters. */
  search(text: string): void;
}

/** Number of rows shown at first. */
const PIECE = 50;

export function dataTable<T>(options: TableOptions<T>): DataTable {
  const { id, rows, noun } = options;
  const columns = options.columns.filter(({ optional }) => optional === undefined || rows.some(optional));
  const lines = rows.map((row) => ({ row, words: options.words?.(row).toLowerCase() ?? '' }));
  let shown = PIECE;
  let sorted: { column: Column<T>; down: boolean } | undefined;

  const input = h('input', {
    type: 'search',
    id: `${id}-search`,
    placeholder: 'Search',
    autocomplete: 'off',
    spellcheck: 'false',
    input: () => again(),
  }) as HTMLInputElement;
  const selects = (options.filters ?? [])
    .map((filter) => ({ filter, select: selectOf(id, filter, rows, () => again()) }))
    .filter(({ select }) => select.options.length > 2);
  const count = h('span.count', { role: 'status' });
  const heads = columns.map((column) => headOf(column, () => sortBy(column)));
  const body = h('tbody');
  const more = h('button.more', { type: 'button', click: () => grow() });
  const none = h('p.none', {}, 'Nothing matches.');

  function again(): void {
    shown = PIECE;
    draw();
  }

  /** Shows further rows, in growing numbers. */
  function grow(): void {
    const from = body.children.length;
    shown *= 4;
    draw();
    const next = body.children[from];
    if (next instanceof HTMLElement) {
      next.tabIndex = -1;
      next.focus();
    }
  }

  function sortBy(column: Column<T>): void {
    const down = sorted?.column === column ? !sorted.down : column.look === 'num';
    sorted = { column, down };
    for (const [index, head] of heads.entries()) {
      if (columns[index] === column) head.setAttribute('aria-sort', down ? 'descending' : 'ascending');
      else head.removeAttribute('aria-sort');
    }
    again();
  }

  function draw(): void {
    const terms = input.value.toLowerCase().split(/\s+/).filter(Boolean);
    const wanted = selects.filter(({ select }) => select.value !== '');
    const found = lines.filter(
      ({ row, words }) =>
        terms.every((term) => words.includes(term)) &&
        wanted.every(({ filter, select }) => filter.of(row) === select.value),
    );
    const by = sorted?.column.sort;
    if (by !== undefined) {
      const sign = sorted?.down ? -1 : 1;
      found.sort((a, b) => sign * compare(by(a.row), by(b.row)));
    }
    body.replaceChildren(...found.slice(0, shown).map(({ row }) => line(columns, row)));
    count.textContent =
      found.length === rows.length
        ? plural(rows.length, ...noun)
        : `${found.length.toLocaleString('en')} of ${plural(rows.length, ...noun)}`;
    more.hidden = found.length <= shown;
    more.textContent = `Show more (${(found.length - shown).toLocaleString('en')} left)`;
    none.hidden = found.length > 0;
    table.hidden = found.length === 0;
  }

  const table = h(
    'div.scroll',
    { tabindex: 0, role: 'region', 'aria-label': options.label },
    h('table.cards', {}, h('thead', {}, h('tr', {}, heads)), body),
  );
  const tools = h(
    'div.tools',
    {},
    options.words && [
      h('label.hidden', { for: `${id}-search` }, `Search in ${options.label.toLowerCase()}`),
      input,
    ],
    selects.map(({ filter, select }) => [h('label.hidden', { for: select.id }, filter.name), select]),
    count,
  );
  draw();
  return {
    element: h('div.data', {}, (options.words || selects.length > 0) && tools, table, none, more),
    search(text) {
      input.value = text;
      for (const { select } of selects) select.value = '';
      again();
    },
  };
}

const compare = (a: number | string, b: number | string): number =>
  typeof a === 'number' && typeof b === 'number'
    ? a - b
    : String(a).localeCompare(String(b), 'en', { numeric: true });

function selectOf<T>(
  id: string,
  filter: Filter<T>,
  rows: readonly T[],
  change: () => void,
): HTMLSelectElement {
  const counts = new Map<string, number>();
  for (const row of rows) counts.set(filter.of(row), (counts.get(filter.of(row)) ?? 0) + 1);
  const select = h('select', { id: `${id}-${filter.name.toLowerCase()}`, change }) as HTMLSelectElement;
  append(select, h('option', { value: '' }, `Any ${filter.name.toLowerCase()}`));
  for (const [value, number] of [...counts].sort(([a], [b]) => compare(a, b)))
    if (value !== '') append(select, h('option', { value }, `${value} (${number})`));
  return select;
}

function headOf<T>(column: Column<T>, press: () => void): HTMLElement {
  const look = column.look === 'num' ? '.num' : '';
  if (column.sort === undefined) return h(`th${look}`, { scope: 'col' }, column.name);
  return h(`th${look}`, { scope: 'col' }, h('button.sort', { type: 'button', click: press }, column.name));
}

function line<T>(columns: readonly Column<T>[], row: T): HTMLElement {
  return h(
    'tr',
    {},
    columns.map(({ look, label, cell }) => {
      const content = cell(row);
      const empty = content === undefined || content === false || content === '';
      return h(look ? `td.${look}` : 'td', { 'data-label': empty ? undefined : label }, content);
    }),
  );
}
