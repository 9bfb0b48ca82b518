// Starts the page: unpacks its data and fills its sections.
import { dot, KIND_NAMES, legend, memoryBar } from './bars.js';
import { sheet } from './details.js';
import { byId, h, sizeText } from './dom.js';
import { connectionTable, descriptorTable } from './lists.js';
import { type Model, modelOf, unpack } from './model.js';
import { dataTable } from './table.js';
import { processTree } from './tree.js';

function memory(model: Model): HTMLElement {
  const stored = model.memory.map((use) => use.stored);
  const all = stored.reduce((sum, bytes) => sum + bytes, 0);
  const rows = model.kinds
    .map((kind, index) => ({ kind, stored: stored[index] ?? 0, mapped: model.memory[index]?.mapped ?? 0 }))
    .filter(({ mapped }) => mapped > 0);
  return h(
    'div',
    {},
    h('div.bar.tall', {}, memoryBar(model, stored, all)),
    dataTable({
      id: 'memory',
      label: 'Memory by kind',
      noun: ['kind', 'kinds'],
      rows,
      columns: [
        { name: 'Kind', cell: ({ kind }) => [dot(kind), KIND_NAMES[kind] ?? kind] },
        {
          name: 'Stored',
          look: 'num',
          label: 'stored',
          cell: (row) => sizeText(row.stored),
          sort: (row) => row.stored,
        },
        {
          name: 'Mapped',
          look: 'num',
          label: 'mapped',
          cell: (row) => sizeText(row.mapped),
          sort: (row) => row.mapped,
        },
      ],
    }).element,
  );
}

/** The key `/` moves the focus to the first visible search field. */
function shortcut(): void {
  document.addEventListener('keydown', (event) => {
    if (event.key !== '/' || event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.target instanceof HTMLInputElement || event.target instanceof HTMLSelectElement) return;
    const fields = [
      ...document.querySelectorAll<HTMLInputElement>(
        'dialog[open] input[type=search], main input[type=search]',
      ),
    ];
    const field = fields.find((input) => input.getBoundingClientRect().bottom > 0) ?? fields[0];
    if (field === undefined) return;
    event.preventDefault();
    field.focus();
  });
}

async function start(): Promise<void> {
  const model = modelOf(await unpack(byId('data').textContent ?? ''));
  const open = sheet(model);
  const present = model.kinds.filter((_, index) => (model.memory[index]?.stored ?? 0) > 0);
  byId('processes-data').replaceChildren(legend(present), processTree(model, open));
  byId('memory-data').replaceChildren(memory(model));
  byId('connections-data').replaceChildren(connectionTable(model, model.connections, open).element);
  byId('descriptors-data').replaceChildren(descriptorTable(model, model.tasks, open).element);
  document.documentElement.classList.add('ready');
  shortcut();
}

start().catch((error: unknown) => {
  const note = h(
    'p.note',
    { role: 'alert' },
    `This browser cannot show the tables: ${String(error)}. \`crit x DIR ps\` prints them.`,
  );
  byId('processes-data').replaceChildren(note);
});
