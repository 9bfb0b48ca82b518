// The tables of descriptors and of connections, for all processes or for one.
import type { DescriptorRow, PayloadEnd } from '../payload.js';
import { type Child, code, h, sizeText } from './dom.js';
import { type Model, string, type Task } from './model.js';
import { type DataTable, dataTable } from './table.js';

export type Open = (task: Task) => void;

/** Name and pid of a process as a link to its details. */
export function taskLink(model: Model, pid: number, open: Open | undefined): HTMLElement {
  const task = model.byPid.get(pid);
  const words = [task?.comm || '?', ' ', h('span.pid', {}, pid)];
  if (task === undefined || open === undefined) return h('span', {}, words);
  return h('button.link', { type: 'button', click: () => open(task) }, words);
}

interface Descriptor {
  readonly task: Task;
  readonly row: DescriptorRow;
  readonly type: string;
  readonly what: string;
  readonly access: string;
}

const ACCESS: Readonly<Record<string, string>> = {
  O_RDWR: 'read and write',
  O_WRONLY: 'write only',
  O_APPEND: 'append',
  O_NONBLOCK: 'no wait',
};

function accessText(flags: string, closeOnExec: number): string {
  // All files of a 64-bit process have O_LARGEFILE.
  const known = flags.split(' | ').filter((flag) => flag !== '' && flag !== 'O_LARGEFILE');
  const words = known.map((flag) => ACCESS[flag] ?? flag);
  if (!known.includes('O_RDWR') && !known.includes('O_WRONLY')) words.unshift('read only');
  return [...words, ...(closeOnExec ? ['close on exec'] : [])].join(', ');
}

export function descriptorTable(model: Model, tasks: readonly Task[], open: Open | undefined): DataTable {
  const rows = tasks.flatMap((task) =>
    task.descriptors.map((row): Descriptor => {
      const [, type, what, flags, closeOnExec] = row;
      return {
        task,
        row,
        type: string(model, type),
        what: string(model, what),
        access: accessText(string(model, flags), closeOnExec),
      };
    }),
  );
  const alone = tasks.length === 1;
  return dataTable<Descriptor>({
    id: alone ? 'own-descriptors' : 'descriptors',
    label: 'Descriptors',
    noun: ['descriptor', 'descriptors'],
    rows,
    words: ({ task, row, type, what, access }) =>
      `${task.comm} ${task.pid} fd ${row[0]} ${type} ${what} ${access}`,
    filters: [
      { name: 'Type', of: ({ type }) => type },
      ...(alone ? [] : [{ name: 'Process', of: ({ task }: Descriptor) => `${task.comm} ${task.pid}` }]),
      { name: 'Access', of: ({ access }) => access },
    ],
    columns: [
      ...(alone
        ? []
        : [
            {
              name: 'Process',
              look: 'fit' as const,
              cell: ({ task }: Descriptor) => taskLink(model, task.pid, open),
              sort: ({ task }: Descriptor) => task.index,
            },
          ]),
      { name: 'FD', look: 'num', label: 'fd', cell: ({ row }) => row[0], sort: ({ row }) => row[0] },
      { name: 'Type', look: 'fit', cell: ({ type }) => h('span.tag', {}, type), sort: ({ type }) => type },
      { name: 'What', look: 'wide', cell: ({ what }) => code(what), sort: ({ what }) => what },
      { name: 'Access', cell: ({ access }) => access, sort: ({ access }) => access },
      {
        name: 'Position',
        look: 'num',
        label: 'at',
        cell: ({ row }) => row[5] !== undefined && row[5] !== '0' && Number(row[5]).toLocaleString('en'),
        sort: ({ row }) => Number(row[5] ?? -1),
        optional: ({ row }) => row[5] !== undefined && row[5] !== '0',
      },
    ],
  });
}

type Row = Model['connections'][number];

function end(model: Model, [address, , , holders]: PayloadEnd, open: Open | undefined): Child {
  const shown = holders
    .slice(0, 4)
    .map(([pid, ...fds]) =>
      h('span.holder', {}, taskLink(model, pid, open), h('span.muted', {}, ` fd ${fds.join(', ')}`)),
    );
  return h(
    'div.end',
    {},
    address !== '' && code(address),
    shown,
    holders.length > 4 && h('span.muted', {}, `and ${holders.length - 4} more`),
  );
}

export function connectionTable(
  model: Model,
  rows: readonly Row[],
  open: Open | undefined,
  id = 'connections',
): DataTable {
  const words = (side: PayloadEnd | undefined): string =>
    side === undefined
      ? ''
      : `${side[0]} ${side[3].map(([pid, ...fds]) => `${model.byPid.get(pid)?.comm} ${pid} fd ${fds.join(' fd ')}`).join(' ')}`;
  const waiting = ([, , from, to]: Row): number => from[1] + from[2] + (to?.[1] ?? 0) + (to?.[2] ?? 0);
  return dataTable<Row>({
    id,
    label: 'Connections',
    noun: ['connection', 'connections'],
    rows,
    words: ([kind, state, from, to]) => `${kind} ${state} ${words(from)} ${words(to)}`,
    filters: [
      { name: 'Kind', of: ([kind]) => kind },
      { name: 'State', of: ([, state]) => state },
    ],
    columns: [
      { name: 'Kind', look: 'fit', cell: ([kind]) => h('span.tag', {}, kind), sort: ([kind]) => kind },
      { name: 'State', look: 'fit', cell: ([, state]) => state, sort: ([, state]) => state },
      {
        name: 'From',
        look: 'wide',
        cell: ([, , from]) => end(model, from, open),
        sort: ([, , from]) => from[0],
      },
      {
        name: 'To',
        look: 'wide',
        label: '→',
        cell: ([, state, , to]) =>
          to === undefined
            ? h('span.muted', {}, state === 'listen' ? 'whoever connects' : 'nobody')
            : to[3].length === 0 && to[0] !== ''
              ? [end(model, to, open), h('span.muted', {}, 'outside of the checkpoint')]
              : to[3].length === 0
                ? h('span.muted', {}, 'nobody')
                : end(model, to, open),
      },
      {
        name: 'Under way',
        look: 'num',
        label: 'under way:',
        cell: (row) => waiting(row) > 0 && sizeText(waiting(row)),
        sort: waiting,
        optional: (row) => waiting(row) > 0,
      },
    ],
  });
}
