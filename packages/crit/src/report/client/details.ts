// The sheet beside the page with the details of one process: identity, memory, descriptors, connections, credentials
// and environment.
import type { Credentials } from '../credentials.js';
import type { MappingRow } from '../payload.js';
import { addressMap } from './address-map.js';
import { dot, KIND_NAMES, legend, memoryBar } from './bars.js';
import { append, byId, type Child, code, h, plural, sizeText } from './dom.js';
import { connectionTable, descriptorTable, taskLink } from './lists.js';
import { type Model, string, type Task } from './model.js';
import { dataTable } from './table.js';

/** Returns a function that opens the sheet. The fragment `#p5` in the address of the page opens that of process 5. */
export function sheet(model: Model): (task: Task) => void {
  const dialog = byId('sheet') as HTMLDialogElement;
  const open = (task: Task): void => {
    dialog.replaceChildren(content(model, task, open, () => dialog.close()));
    dialog.scrollTop = 0;
    if (!dialog.open) dialog.showModal();
    history.replaceState(null, '', `#p${task.pid}`);
  };
  dialog.addEventListener('close', () => history.replaceState(null, '', location.pathname + location.search));
  // A click outside of the sheet closes it.
  dialog.addEventListener('click', (event) => {
    if (event.target === dialog) dialog.close();
  });
  const asked = /^#p(\d+)$/.exec(location.hash)?.[1];
  const task = asked === undefined ? undefined : model.byPid.get(Number(asked));
  if (task !== undefined) open(task);
  return open;
}

function content(model: Model, task: Task, open: (task: Task) => void, close: () => void): HTMLElement {
  const { pid, comm, state } = task;
  const connections = model.connections.filter(([, , from, to]) =>
    [from, to].some((end) => end?.[3].some(([holder]) => holder === pid)),
  );
  const environment = model.environments[task.environment];
  const credentials = model.credentials[task.credentials];
  const owner = task.descriptorsOf === undefined ? task : model.byPid.get(task.descriptorsOf);
  return h(
    'div.inside',
    {},
    h(
      'div.head',
      {},
      h(
        'h2',
        { id: 'sheet-title' },
        comm || '(no name)',
        ' ',
        h('span.pid', {}, pid),
        state !== 'alive' && h('span.tag.alert', {}, state),
      ),
      h('button.close', { type: 'button', 'aria-label': 'Close', click: close }, '✕'),
    ),
    facts(model, task, open),
    task.mappings.length > 0 && [
      h('h3', {}, 'Memory'),
      h('p.note', {}, `${sizeText(task.total)} stored of ${sizeText(task.mapped)} mapped.`),
      h('div.bar.tall', {}, memoryBar(model, task.stored, task.total)),
      legend(model.kinds.filter((_, index) => task.mappings.some((row) => row[3] === index))),
      fold('Address space', plural(task.mappings.length, 'mapping'), () => [
        h(
          'p.note',
          {},
          'Low addresses first. A mapping is as wide as the square root of its size; it is filled as far as its pages are stored, pale where they are not, dashed where nothing may be touched.',
        ),
        addressMap(model, task),
        mappingTable(model, task.mappings),
      ]),
    ],
    (owner?.descriptors.length ?? 0) > 0 &&
      owner !== undefined &&
      fold(
        'Descriptors',
        owner === task
          ? String(owner.descriptors.length)
          : `${owner.descriptors.length}, shared with ${owner.comm} ${owner.pid}`,
        () => descriptorTable(model, [owner], open).element,
      ),
    connections.length > 0 &&
      fold(
        'Connections',
        String(connections.length),
        () => connectionTable(model, connections, open, 'own-connections').element,
      ),
    task.threads.length > 1 &&
      fold('Threads', String(task.threads.length), () =>
        h(
          'ul.plain',
          {},
          task.threads.map(([tid, name]) => h('li', {}, name || comm, ' ', h('span.pid', {}, tid))),
        ),
      ),
    credentials !== undefined && fold('Credentials', whoText(credentials), () => credentialList(credentials)),
    environment !== undefined &&
      fold(
        'Environment',
        plural(environment.length, 'variable'),
        () =>
          dataTable({
            id: 'environment',
            label: 'Environment',
            noun: ['variable', 'variables'],
            rows: environment,
            words: ({ name, value = '' }) => `${name} ${value}`,
            columns: [
              { name: 'Name', cell: ({ name }) => code(name), sort: ({ name }) => name },
              {
                name: 'Value',
                look: 'wide',
                cell: ({ value }) =>
                  value === undefined
                    ? h('span.muted', {}, 'left out: the name tells of a secret')
                    : code(value),
              },
            ],
          }).element,
      ),
  );
}

function facts(model: Model, task: Task, open: (task: Task) => void): HTMLElement {
  const command = model.commands[task.command] ?? [];
  const namespaces = model.namespaces.filter(([, , own, pids]) => own && pids.includes(task.pid));
  const rows: [string, Child][] = [
    [
      'Command',
      command.length > 0 &&
        h(
          'span.words',
          {},
          command.map((word) => [code(word === '' ? '""' : word), ' ']),
        ),
    ],
    ['Program', task.exe !== '' && code(task.exe)],
    ['Working directory', task.cwd !== '' && code(task.cwd)],
    ['Root', task.root !== '' && task.root !== '/' && code(task.root)],
    ['Parent', task.parent && taskLink(model, task.parent.pid, open)],
    [
      'Children',
      task.children.length > 0 &&
        h(
          'span.words',
          {},
          task.children.slice(0, 12).map((child) => [taskLink(model, child.pid, open), ' ']),
          task.children.length > 12 && `and ${task.children.length - 12} more`,
        ),
    ],
    ['Group and session', `${task.pgid}, ${task.sid}`],
    ['Own namespaces', namespaces.map(([kind]) => kind).join(', ')],
  ];
  return h(
    'dl.facts',
    {},
    rows
      .filter(([, value]) => value !== undefined && value !== false && value !== '')
      .map(([name, value]) => h('div', {}, h('dt', {}, name), h('dd', {}, value))),
  );
}

/** A part whose contents are created when it is unfolded. */
function fold(title: string, more: string, make: () => Child): HTMLElement {
  let made = false;
  return h(
    'details.part',
    {
      toggle: (event) => {
        const { currentTarget } = event;
        if (made || !(currentTarget instanceof HTMLDetailsElement) || !currentTarget.open) return;
        made = true;
        append(currentTarget, make());
      },
    },
    h('summary', {}, h('span', {}, title), h('span.muted', {}, more)),
  );
}

function mappingTable(model: Model, mappings: readonly MappingRow[]): HTMLElement {
  return dataTable<MappingRow>({
    id: 'mappings',
    label: 'Mappings',
    noun: ['mapping', 'mappings'],
    rows: mappings,
    words: ([start, , prot, kind, what]) =>
      `0x${start} ${string(model, prot)} ${model.kinds[kind]} ${string(model, what)}`,
    filters: [{ name: 'Kind', of: ([, , , kind]) => KIND_NAMES[model.kinds[kind] ?? ''] ?? '' }],
    columns: [
      {
        name: 'Address',
        look: 'fit',
        cell: ([start]) => code(start.padStart(12, '0')),
        sort: ([start]) => start.padStart(16, '0'),
      },
      { name: 'Access', look: 'fit', cell: ([, , prot]) => code(string(model, prot)) },
      { name: 'Size', look: 'num', cell: ([, size]) => sizeText(size), sort: ([, size]) => size },
      {
        name: 'Stored',
        look: 'num',
        label: 'stored',
        cell: ([, , , , , stored]) => stored > 0 && sizeText(stored),
        sort: ([, , , , , stored]) => stored,
      },
      {
        name: 'What',
        look: 'wide',
        cell: ([, , , kind, what, , inParent, lazy]) => [
          dot(model.kinds[kind] ?? ''),
          code(string(model, what) || (model.kinds[kind] ?? '')),
          inParent > 0 && h('span.tag', {}, `${sizeText(inParent)} in a parent`),
          lazy > 0 && h('span.tag', {}, `${sizeText(lazy)} fetched later`),
        ],
      },
    ],
  }).element;
}

function whoText({ uids, gids, effective }: Credentials): string {
  const power =
    effective.length === 0
      ? 'no capabilities'
      : effective[0] === 'all'
        ? 'all capabilities'
        : plural(effective.length, 'capability', 'capabilities');
  return `uid ${uids[0]}, gid ${gids[0]}, ${power}`;
}

function credentialList({
  uids,
  gids,
  groups,
  effective,
  permitted,
  bounding,
  noNewPrivileges,
  seccomp,
  lsmProfile,
}: Credentials): HTMLElement {
  const ids = (list: readonly number[]) =>
    list.every((id) => id === list[0])
      ? String(list[0])
      : `real ${list[0]}, effective ${list[1]}, saved ${list[2]}, of file systems ${list[3]}`;
  const names = (list: readonly string[]) => (list.length === 0 ? 'none' : list.join(', '));
  const rows: [string, string][] = [
    ['User', ids(uids)],
    ['Group', ids(gids)],
    ['More groups', groups.length === 0 ? 'none' : groups.join(', ')],
    ['Effective capabilities', names(effective)],
    ['Permitted', names(permitted) === names(effective) ? 'the same' : names(permitted)],
    ['Bounding set', names(bounding)],
    ['No new privileges', noNewPrivileges ? 'yes' : 'no'],
    ['seccomp', seccomp],
    ['LSM profile', lsmProfile ?? ''],
  ];
  return h(
    'dl.facts',
    {},
    rows
      .filter(([, value]) => value !== '')
      .map(([name, value]) => h('div', {}, h('dt', {}, name), h('dd', {}, value))),
  );
}
