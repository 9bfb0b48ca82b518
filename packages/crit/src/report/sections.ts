// Short parts of the page without tables: facts, namespaces, mounts.
import type { MountRow } from '../mounts.js';
import type { ReportData } from './data.js';
import { type Content, type Html, html } from './html.js';
import type { NamespaceUse } from './namespaces.js';
import { mono, table } from './tables.js';

/** Names and values, without unknown ones. */
export function factList(rows: readonly (readonly [name: string, value: Content])[]): Html {
  const known = rows.filter(([, value]) => value !== undefined && value !== false && value !== '');
  return html`<dl class="facts">${known.map(
    ([name, value]) => html`<div><dt>${name}</dt><dd>${value}</dd></div>
`,
  )}</dl>`;
}

const NAMES: Readonly<Record<NamespaceUse['kind'], string>> = {
  pid: 'Processes',
  user: 'Users',
  mnt: 'Mounts',
  net: 'Network',
  ipc: 'IPC',
  uts: 'Host name',
  cgroup: 'Control groups',
  time: 'Clocks',
};

export function namespaceSection({ namespaces, processes }: ReportData): Html {
  const comms = new Map(processes.map(({ pid, comm }) => [pid, comm]));
  const own = namespaces.filter((namespace) => namespace.own);
  const shared = namespaces.filter((namespace) => !namespace.own).map(({ kind }) => kind);
  const who = ({ pids }: NamespaceUse): Content => {
    if (pids.length === processes.length && pids.length > 1) return 'all processes';
    const names = pids.slice(0, 4).map((pid) => `${comms.get(pid)} ${pid}`);
    return `${names.join(', ')}${pids.length > 4 ? ` and ${pids.length - 4} more` : ''}`;
  };
  const rows = table(
    [
      {
        name: 'Of',
        look: 'fit',
        cell: ({ kind }) => html`${NAMES[kind]} <span class="muted">${kind}</span>`,
      },
      { name: 'Id', look: 'num', before: 'id', cell: ({ id }) => id },
      { name: 'Who is in it', look: 'wide', cell: who },
      { name: 'What is known', look: 'wide', cell: ({ detail }) => detail },
    ],
    own,
  );
  const rest =
    shared.length > 0 &&
    html`<p class="note">Shared with the machine: ${[...new Set(shared)].join(', ')}.</p>`;
  return html`<section id="namespaces"><h2>Namespaces</h2>
${own.length === 0 ? html`<p class="note">The processes had no namespaces of their own.</p>` : rows}
${rest}</section>`;
}

export function mountSection({ mounts }: ReportData): Html {
  const parts = mounts.map(
    ({ id, mounts: rows }) => html`${mounts.length > 1 && html`<h3>Namespace ${id}</h3>`}${mountTable(rows)}`,
  );
  return html`<section id="mounts"><h2>Mounts</h2>${parts}</section>`;
}

function mountTable(rows: readonly MountRow[]): Html {
  return table(
    [
      {
        name: 'Mounted on',
        look: 'wide',
        cell: ({ depth, mountpoint }) => html`<code class="in${Math.min(depth, 8)}">${mountpoint}</code>`,
      },
      {
        name: 'File system',
        look: 'fit',
        cell: ({ type }) => type || html`<span class="muted">unknown</span>`,
      },
      {
        name: 'Source',
        cell: ({ source, root }) =>
          html`<span>${mono(source)}${root !== '/' && html` <span class="muted">at</span> ${mono(root)}`}</span>`,
      },
      {
        name: 'Options',
        look: 'wide',
        cell: ({ options, propagation }) =>
          html`<span>${options}${propagation !== '' && html` <span class="tag">${propagation}</span>`}</span>`,
      },
    ],
    rows,
  );
}
