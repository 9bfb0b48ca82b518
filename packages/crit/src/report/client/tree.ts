// The processes as a tree with folding, search and keyboard navigation, or as a plain list by memory.
import { memoryBar } from './bars.js';
import { code, h, plural, sizeText } from './dom.js';
import type { Model, Task } from './model.js';

/** Number of rows shown at first. */
const PIECE = 300;
/** Maximal depth for the indentation of rows. */
const DEEPEST = 12;

export function processTree(model: Model, open: (task: Task) => void): HTMLElement {
  const folded = new Set<Task>();
  const most = Math.max(0, ...model.tasks.map(({ total }) => total));
  let order: 'tree' | 'memory' = 'tree';
  let shown = PIECE;
  let rows: { task: Task; element: HTMLElement }[] = [];
  let current: Task | undefined = model.tasks[0];

  const input = h('input', {
    type: 'search',
    id: 'processes-search',
    placeholder: 'Name, pid, command, state …',
    autocomplete: 'off',
    spellcheck: 'false',
    input: () => again(),
  }) as HTMLInputElement;
  const state = stateFilter(model, () => again());
  const count = h('span.count', { role: 'status' });
  const byTree = orderButton('Tree', 'tree');
  const byMemory = orderButton('By memory', 'memory');
  const foldAll = h('button', { type: 'button', click: () => toggleAll() }, 'Fold all');
  const grid = h('div.tree', {
    role: 'treegrid',
    'aria-label': 'Processes',
    keydown: (event) => keys(event),
  });
  const more = h('button.more', {
    type: 'button',
    click: () => {
      shown *= 4;
      draw();
    },
  });
  const none = h('p.none', {}, 'No process matches.');

  function orderButton(text: string, value: typeof order): HTMLElement {
    return h(
      'button',
      {
        type: 'button',
        'aria-pressed': value === order ? 'true' : 'false',
        click: () => {
          order = value;
          byTree.setAttribute('aria-pressed', String(order === 'tree'));
          byMemory.setAttribute('aria-pressed', String(order === 'memory'));
          foldAll.hidden = order !== 'tree';
          again();
        },
      },
      text,
    );
  }

  function again(): void {
    shown = PIECE;
    draw();
  }

  function toggleAll(): void {
    if (folded.size > 0) folded.clear();
    else for (const task of model.tasks) if (task.children.length > 0) folded.add(task);
    foldAll.textContent = folded.size > 0 ? 'Unfold all' : 'Fold all';
    draw();
  }

  function fold(task: Task, close: boolean): void {
    if (close) folded.add(task);
    else folded.delete(task);
    foldAll.textContent = folded.size > 0 ? 'Unfold all' : 'Fold all';
    draw();
    focus(task);
  }

  /** The matching processes, and in the tree also their ancestors. */
  function wanted(): { list: Task[]; hits: number; searching: boolean; hit: (task: Task) => boolean } {
    const terms = input.value.toLowerCase().split(/\s+/).filter(Boolean);
    const searching = terms.length > 0 || (state !== undefined && state.value !== '');
    const hit = (task: Task) =>
      terms.every((term) => task.words.includes(term)) && (!state?.value || task.state === state.value);
    const hits = searching ? model.tasks.filter(hit) : model.tasks;
    if (order === 'memory') {
      const list = [...hits].sort((a, b) => b.total - a.total || a.index - b.index);
      return { list, hits: hits.length, searching, hit };
    }
    const kept = new Set<Task>();
    for (const task of hits)
      for (let at: Task | undefined = task; at !== undefined && !kept.has(at); at = at.parent) kept.add(at);
    let list = model.tasks.filter((task) => kept.has(task));
    if (!searching && folded.size > 0) {
      const hidden = new Set<Task>();
      for (const task of list)
        if (task.parent !== undefined && (hidden.has(task.parent) || folded.has(task.parent)))
          hidden.add(task);
      list = list.filter((task) => !hidden.has(task));
    }
    return { list, hits: hits.length, searching, hit };
  }

  function draw(): void {
    const { list, hits, searching, hit } = wanted();
    rows = list.slice(0, shown).map((task) => ({ task, element: row(task, searching && !hit(task)) }));
    if (!rows.some(({ task }) => task === current)) current = rows[0]?.task;
    for (const { task, element } of rows) element.tabIndex = task === current ? 0 : -1;
    grid.replaceChildren(...rows.map(({ element }) => element));
    count.textContent = searching
      ? `${hits.toLocaleString('en')} of ${plural(model.tasks.length, 'process', 'processes')}`
      : plural(model.tasks.length, 'process', 'processes');
    more.hidden = list.length <= shown;
    more.textContent = `Show more (${(list.length - shown).toLocaleString('en')} left)`;
    none.hidden = list.length > 0;
    grid.hidden = list.length === 0;
  }

  function row(task: Task, dim: boolean): HTMLElement {
    const { pid, comm, state: now, depth, children } = task;
    const tree = order === 'tree';
    const closed = folded.has(task) && input.value === '';
    const uid = model.credentials[task.credentials]?.uids[0] ?? 0;
    const table = task.descriptorsOf === undefined ? task.descriptors.length : undefined;
    const chevron =
      tree && children.length > 0
        ? h('span.chevron', {
            'aria-hidden': 'true',
            click: (event) => {
              event.stopPropagation();
              fold(task, !folded.has(task));
            },
          })
        : h('span.chevron.leaf', { 'aria-hidden': 'true' });
    const element = h(
      `div.process${dim ? '.dim' : ''}`,
      {
        role: 'row',
        'data-pid': pid,
        'aria-level': tree ? depth + 1 : 1,
        'aria-expanded': tree && children.length > 0 ? String(!closed) : undefined,
        click: () => {
          current = task;
          open(task);
        },
      },
      h(
        'div.name',
        { role: 'gridcell' },
        chevron,
        h('b', {}, comm || '(no name)'),
        h('span.pid', {}, pid),
        now !== 'alive' && h('span.tag.alert', {}, now),
        uid !== 0 && h('span.tag', {}, `uid ${uid}`),
        tree && depth > DEEPEST && h('span.tag', {}, `depth ${depth}`),
        closed && h('span.tag', {}, `+${below(task)}`),
      ),
      h('div.command', { role: 'gridcell', title: task.line }, code(task.line)),
      h('div.fact', { role: 'gridcell' }, task.threads.length > 1 && plural(task.threads.length, 'thread')),
      h(
        'div.fact',
        { role: 'gridcell' },
        table === undefined ? `fds of ${task.descriptorsOf}` : table > 0 && plural(table, 'fd'),
      ),
      h(
        'div.load',
        { role: 'gridcell' },
        task.mappings.length > 0 && [
          h('div.bar', {}, memoryBar(model, task.stored, most)),
          h('span', {}, sizeText(task.total)),
        ],
      ),
    );
    element.style.setProperty('--depth', String(tree ? Math.min(depth, DEEPEST) : 0));
    return element;
  }

  function focus(task: Task | undefined): void {
    if (task === undefined) return;
    current = task;
    for (const { task: other, element } of rows) {
      element.tabIndex = other === task ? 0 : -1;
      if (other === task) element.focus();
    }
  }

  function keys(event: Event): void {
    if (!(event instanceof KeyboardEvent) || event.altKey || event.ctrlKey || event.metaKey) return;
    const at = rows.findIndex(({ task }) => task === current);
    const { task } = rows[at] ?? {};
    if (task === undefined) return;
    const isOpen = order === 'tree' && task.children.length > 0 && !folded.has(task);
    const actions: Readonly<Record<string, () => void>> = {
      ArrowDown: () => focus(rows[Math.min(at + 1, rows.length - 1)]?.task),
      ArrowUp: () => focus(rows[Math.max(at - 1, 0)]?.task),
      Home: () => focus(rows[0]?.task),
      End: () => focus(rows.at(-1)?.task),
      ArrowRight: () =>
        folded.has(task) ? fold(task, false) : focus(rows[Math.min(at + 1, rows.length - 1)]?.task),
      ArrowLeft: () => (isOpen ? fold(task, true) : focus(order === 'tree' ? task.parent : task)),
      Enter: () => open(task),
      ' ': () => open(task),
    };
    const action = actions[event.key];
    if (action === undefined) return;
    event.preventDefault();
    action();
  }

  draw();
  const hasBranches = model.tasks.some(({ children }) => children.length > 0);
  return h(
    'div.data',
    {},
    h(
      'div.tools',
      {},
      h('label.hidden', { for: 'processes-search' }, 'Search in processes'),
      input,
      state && [h('label.hidden', { for: 'processes-state' }, 'State'), state],
      model.tasks.length > 1 && h('div.switch', { role: 'group', 'aria-label': 'Order' }, byTree, byMemory),
      hasBranches && foldAll,
      count,
    ),
    grid,
    none,
    more,
  );
}

function below(task: Task): number {
  let sum = 0;
  const stack = [...task.children];
  for (let next = stack.pop(); next !== undefined; next = stack.pop()) {
    sum++;
    stack.push(...next.children);
  }
  return sum;
}

/** Shown only if there are several states. */
function stateFilter(model: Model, change: () => void): HTMLSelectElement | undefined {
  const counts = new Map<string, number>();
  for (const { state } of model.tasks) counts.set(state, (counts.get(state) ?? 0) + 1);
  if (counts.size < 2) return undefined;
  return h(
    'select',
    { id: 'processes-state', change },
    h('option', { value: '' }, 'Any state'),
    [...counts].map(([state, number]) => h('option', { value: state }, `${state} (${number})`)),
  ) as HTMLSelectElement;
}
