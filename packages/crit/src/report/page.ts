// The report on a checkpoint as one HTML page: no scripts, nothing from outside, every value escaped.
import { type MemoryKind, memoryKinds } from '../memory/address-space.js';
import { later } from '../memory/bounds.js';
import { sizeText } from '../memory/size.js';
import { kindClass, memoryBar, type Region, regionStrip, regionsOf, regionWeight } from './charts.js';
import { containerSection } from './container.js';
import type { MemoryUse, ReportData, ReportProcess } from './data.js';
import type { DescriptorUse } from './descriptors.js';
import { Html, html } from './html.js';
import { style } from './style.js';
import { type Column, mono, table } from './tables.js';

/** Processes with a picture of their address space, at most; all others have theirs as a table. */
const PICTURES = 200;
/** Regions drawn for one process. */
const REGIONS = 80;
/** Bars in the chart of memory by process. */
const BARS = 40;
/** Indents on the way to a process; deeper trees are drawn as if they were this deep. */
const DEEPEST = 14;

export function reportHtml(data: ReportData): string {
  const { processes, mounts } = data;
  const root = processes[0];
  const fds = processes.reduce((sum, process) => sum + process.descriptors.length, 0);
  const count = mounts.reduce((sum, namespace) => sum + namespace.mounts.length, 0);
  const title = root === undefined ? data.name : `${root.comm} ${root.pid}`;
  const page = html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>Checkpoint of ${title}</title>
<style>${new Html(style)}</style>
</head>
<body>
<header><div>
<h1>Checkpoint of ${title}</h1>
<p class="note">${subtitle(data)}</p>
${tiles(data, fds)}
${verdict(data)}
</div></header>
<nav aria-label="Sections"><div>
${data.container && html`<a href="#container">Container</a>`}
<a href="#processes">Processes<b>${processes.length}</b></a>
<a href="#memory">Memory</a>
<a href="#spaces">Address spaces</a>
<a href="#descriptors">Descriptors<b>${fds}</b></a>
<a href="#sockets">Sockets<b>${data.sockets.length}</b></a>
<a href="#mounts">Mounts<b>${count}</b></a>
</div></nav>
<main>
${data.container && containerSection(data.container)}
${tree(data)}
${memory(data)}
${spaces(data)}
${descriptors(data)}
${socketList(data)}
${mountList(data)}
</main>
<footer>Made by crit from the images in <code>${data.name}</code>.</footer>
</body>
</html>
`;
  return page.text;
}

function subtitle({ name, formatVersion, architecture, hasParent, frozenTime }: ReportData): Html {
  const format =
    formatVersion === undefined ? 'images of unknown format' : `images of format 1.${formatVersion - 1}`;
  return html`${mono(name)} · ${architecture} · ${format}${frozenTime !== undefined && ` · stood still for ${timeText(frozenTime)}`}${hasParent && ' · builds on a parent checkpoint'}`;
}

function tiles(data: ReportData, fds: number): Html {
  const threads = data.processes.reduce((sum, process) => sum + process.threads.length, 0);
  const { mapped, stored } = total(data.memory);
  const facts: [string, string, string][] = [
    ['Processes', String(data.processes.length), ''],
    ['Threads', String(threads), ''],
    ['Memory stored', sizeText(stored), `of ${sizeText(mapped)}`],
    ['Descriptors', String(fds), ''],
    ['Sockets', String(data.sockets.length), ''],
    ['Images', sizeText(data.files.bytes), `${data.files.count} files`],
  ];
  const items = facts.map(
    ([
      what,
      value,
      more,
    ]) => html`<div><dt>${what}</dt><dd>${value}${more !== '' && html`<small>${more}</small>`}</dd></div>
`,
  );
  return html`<dl class="tiles">${items}</dl>`;
}

function timeText(microseconds: number): string {
  if (microseconds < 1000) return `${microseconds} µs`;
  return microseconds < 1e6
    ? `${(microseconds / 1000).toFixed(1)} ms`
    : `${(microseconds / 1e6).toFixed(2)} s`;
}

function total(memory: Readonly<Record<MemoryKind, MemoryUse>>): MemoryUse {
  let [mapped, stored] = [0n, 0n];
  for (const kind of memoryKinds) {
    mapped += memory[kind].mapped;
    stored += memory[kind].stored;
  }
  return { mapped, stored };
}

function verdict({ problems }: ReportData): Html {
  if (problems.length === 0)
    return html`<p class="verdict"><span aria-hidden="true">✓</span> Complete and consistent: every image, reference and page was checked.</p>`;
  const errors = problems.filter((problem) => problem.level === 'error').length;
  const words = (number: number, word: string) => `${number} ${word}${number === 1 ? '' : 's'}`;
  const head = [
    errors && words(errors, 'error'),
    problems.length > errors && words(problems.length - errors, 'warning'),
  ];
  const items = problems.slice(0, 500).map(({ file, reason }) => html`<li>${mono(file)} ${reason}</li>`);
  return html`<details class="problems ${errors > 0 && 'bad'}"><summary><b>${head.filter(Boolean).join(', ')}</b> found in the images</summary><ul>${items}</ul></details>`;
}

function tree({ processes }: ReportData): Html {
  const most = processes.reduce((max, process) => later(process.total.stored, max), 0n);
  const rows = processes.map((process) => {
    const { pid, comm, args, exe, state, threads, descriptors: list, descriptorsOf, depth } = process;
    const command = args.length > 0 ? args.join(' ') : (exe ?? '');
    const owner = descriptorsOf ?? pid;
    const dead = state === 'zombie' || state === 'dead';
    return html`<li id="p${pid}">${guides(process.branches)}<div class="proc">
<div class="who"><b>${comm || '(no name)'}</b><span class="pid">${pid}</span>${state !== 'alive' && html`<span class="tag alert">${state}</span>`}${depth > DEEPEST && html`<span class="tag">depth ${depth}</span>`}${process.user !== undefined && process.user.uid !== 0 && html`<span class="tag">uid ${process.user.uid}</span>`}${process.sid === pid && html`<span class="tag">session</span>`}
<code class="line" title="${command}">${command}</code></div>
<span class="fact">${!dead && plural(threads.length, 'thread')}</span>
<span class="fact">${!dead && html`<a href="#f${owner}">${descriptorsOf === undefined ? `${list.length} fds` : `fds of ${owner}`}</a>`}</span>
<span class="load">${process.mappings.length > 0 && html`<a class="bar" href="#m${pid}" aria-label="Address space of ${pid}">${memoryBar(process.memory, most)}</a><span>${sizeText(process.total.stored)}</span>`}</span>
</div></li>
`;
  });
  return html`<section id="processes"><h2>Processes</h2>
<ul class="tree">${rows}</ul></section>`;
}

const plural = (number: number, word: string): string => `${number} ${word}${number === 1 ? '' : 's'}`;

function guides(branches: readonly boolean[]): Html[] {
  return branches.slice(-DEEPEST).map((more, index, shown) => {
    const own = index === shown.length - 1;
    const look = own ? (more ? 'tee' : 'last') : more ? 'through' : '';
    return html`<i class="g ${look}"></i>`;
  });
}

function memory(data: ReportData): Html {
  const { stored } = total(data.memory);
  const kinds = memoryKinds.filter((kind) => data.memory[kind].mapped > 0n);
  const byKind = table(
    [
      { name: 'Kind', cell: (kind: MemoryKind) => html`<span>${dot(kind)}${EXPLAINED[kind]}</span>` },
      { name: 'Stored', look: 'num', cell: (kind) => sizeText(data.memory[kind].stored) },
      { name: 'Mapped', look: 'num', cell: (kind) => sizeText(data.memory[kind].mapped) },
    ],
    kinds,
    true,
  );
  const ranked = data.processes
    .filter((process) => process.mappings.length > 0)
    .sort((a, b) =>
      a.total.stored === b.total.stored ? a.pid - b.pid : a.total.stored < b.total.stored ? 1 : -1,
    );
  const most = ranked[0]?.total.stored ?? 0n;
  const rows = ranked.slice(0, BARS).map(
    (
      process,
    ) => html`<div class="row"><a class="name" href="#m${process.pid}" title="${process.comm}">${process.comm} <span class="pid">${process.pid}</span></a>
<div class="bar">${memoryBar(process.memory, most)}</div><span class="num">${sizeText(process.total.stored)}</span></div>
`,
  );
  return html`<section id="memory"><h2>Memory</h2>
<p class="note">What the images hold. Code and other pages of files that were not written to are not stored: they come from the files again.</p>
<div class="bar tall">${memoryBar(data.memory, stored)}</div>
${byKind}
<h3>By process</h3>
${legend(kinds)}
<div class="chart">${rows}</div>
${ranked.length > BARS && html`<p class="note">${ranked.length - BARS} smaller ones are not shown.</p>`}
</section>`;
}

const EXPLAINED: Readonly<Record<MemoryKind, string>> = {
  anonymous: 'Anonymous',
  heap: 'Heap',
  stack: 'Stack',
  shared: 'Shared memory',
  file: 'Private mappings of files',
  'shared file': 'Shared mappings of files',
  kernel: 'Provided by the kernel',
};

const dot = (kind: MemoryKind): Html =>
  html`<svg class="dot" viewBox="0 0 10 10" aria-hidden="true"><rect class="${kindClass(kind)}" width="10" height="10"/></svg>`;

function legend(kinds: readonly MemoryKind[]): Html {
  return html`<ul class="legend">${kinds.map((kind) => html`<li>${dot(kind)}${kind}</li>`)}</ul>`;
}

function spaces({ processes }: ReportData): Html {
  const shown = processes.filter((process) => process.mappings.length > 0);
  const kinds = memoryKinds.filter((kind) => shown.some((process) => process.memory[kind].mapped > 0n));
  return html`<section id="spaces"><h2>Address spaces</h2>
<p class="note">Low addresses first. A mapping is as wide as the square root of its size; it is filled as far as its pages are stored, pale where they are not, and dashed where nothing may be touched. Small regions far from each other stand in one row.</p>
${legend(kinds)}
${shown.map((process, index) => space(process, index))}</section>`;
}

function space(process: ReportProcess, index: number): Html {
  const { pid, comm, mappings } = process;
  const regions = regionsOf(mappings);
  const most = Math.max(1, ...regions.slice(0, REGIONS).map(regionWeight));
  const rows = regions.slice(0, REGIONS).map((region) => regionRow(region, most));
  const rest =
    regions.length > REGIONS &&
    html`<p class="note">${regions.length - REGIONS} more regions are in the table.</p>`;
  const all = table(
    [
      { name: 'Address', look: 'fit', cell: (use) => mono(use.start.toString(16).padStart(12, '0')) },
      { name: 'Access', look: 'fit', cell: (use) => mono(use.prot) },
      { name: 'Size', look: 'num', cell: (use) => sizeText(use.size) },
      {
        name: 'Stored',
        look: 'num',
        unit: 'stored',
        cell: (use) => (use.stored === 0n ? html`<span class="muted">–</span>` : sizeText(use.stored)),
      },
      {
        name: 'What',
        look: 'wide',
        cell: (use) =>
          html`<span>${dot(use.kind)}${use.what === '' ? html`<span class="muted">${use.kind}</span>` : mono(use.what)}</span>`,
      },
    ],
    mappings,
  );
  return html`<details class="space" id="m${pid}" ${new Html(index === 0 ? 'open' : '')}><summary><span><b>${comm}</b><span class="pid">${pid}</span></span><span class="fact">${sizeText(process.total.stored)} stored of ${sizeText(process.total.mapped)}</span></summary>
${index < PICTURES && rows}${rest}
<details class="inner"><summary>All ${plural(mappings.length, 'mapping')}</summary>${all}</details>
</details>`;
}

function regionRow(region: Region, most: number): Html {
  const size = region.mappings.reduce((sum, mapping) => sum + mapping.size, 0n);
  const width = Math.max(1, (regionWeight(region) / most) * 100).toFixed(2);
  return html`${region.hole > 0n && html`<div class="hole">${sizeText(region.hole)} unmapped</div>`}
<div class="region"><code>${region.start.toString(16).padStart(12, '0')}</code><div class="track"><div class="strip" style="width:${width}%">${regionStrip(region)}</div></div><span class="num fact">${sizeText(size)}</span></div>`;
}

const position: Column<DescriptorUse> = {
  name: 'Position',
  look: 'num',
  unit: 'at',
  cell: (row) => (row.position ? row.position : ''),
};

function descriptors({ processes }: ReportData): Html {
  const owners = processes.filter((process) => process.descriptors.length > 0);
  const parts = owners.map(({ pid, comm, cwd, root, descriptors: list }, index) => {
    const sharing = processes
      .filter((process) => process.descriptorsOf === pid)
      .map((process) => process.pid);
    const rows = table(
      [
        { name: 'FD', look: 'fit', cell: (row) => html`<b>${row.fd}</b>` },
        { name: 'Type', look: 'fit', cell: (row) => row.type },
        { name: 'What', look: 'wide', cell: (row) => mono(row.what) },
        { name: 'Opened with', look: 'wide', cell: (row) => flagsText(row.flags, row.closeOnExec) },
        ...(list.some((row) => row.position) ? [position] : []),
      ],
      list,
    );
    return html`<details class="space" id="f${pid}" ${new Html(index === 0 ? 'open' : '')}><summary><span><b>${comm}</b><span class="pid">${pid}</span></span><span class="fact">${plural(list.length, 'descriptor')}</span></summary>
<p class="note">${cwd !== undefined && html`in ${mono(cwd)}`}${root !== undefined && root !== '/' && html`, root ${mono(root)}`}${sharing.length > 0 && html`, shared with ${sharing.join(', ')}`}</p>
${rows}</details>`;
  });
  return html`<section id="descriptors"><h2>Descriptors</h2>${owners.length === 0 ? html`<p class="note">No process has any open file.</p>` : parts}</section>`;
}

function flagsText(flags: string, closeOnExec: boolean): string {
  // Every file of a 64-bit process is opened so.
  const known = flags.split(' | ').filter((flag) => flag !== '' && flag !== 'O_LARGEFILE');
  const words = known.map((flag) => FLAGS[flag] ?? flag);
  if (!known.includes('O_RDWR') && !known.includes('O_WRONLY')) words.unshift('read only');
  return [...words, ...(closeOnExec ? ['close on exec'] : [])].join(', ');
}

const FLAGS: Readonly<Record<string, string>> = {
  O_RDWR: 'read and write',
  O_WRONLY: 'write only',
  O_APPEND: 'append',
  O_NONBLOCK: 'no wait',
};

function socketList({ sockets, processes }: ReportData): Html {
  const comms = new Map(processes.map(({ pid, comm }) => [pid, comm]));
  const list = table(
    [
      {
        name: 'Process',
        look: 'fit',
        cell: (row) =>
          html`<a href="#f${row.pid}">${comms.get(row.pid)}</a> <span class="pid">${row.pid}</span>`,
      },
      { name: 'FD', look: 'fit', before: 'fd', cell: (row) => row.fds.join(', ') },
      { name: 'Type', look: 'fit', cell: (row) => `${row.family} ${row.type}` },
      { name: 'State', look: 'fit', cell: (row) => row.state },
      { name: 'Local', look: 'wide', cell: (row) => mono(row.local) },
      { name: 'Remote', look: 'wide', before: '→', cell: (row) => row.remote !== '' && mono(row.remote) },
      {
        name: 'To be read',
        look: 'num',
        unit: 'to be read',
        cell: (row) => row.received > 0 && sizeText(row.received),
      },
      {
        name: 'Not sent',
        look: 'num',
        unit: 'not sent',
        cell: (row) => row.unsent > 0 && sizeText(row.unsent),
      },
    ],
    sockets,
  );
  return html`<section id="sockets"><h2>Sockets</h2>${sockets.length === 0 ? html`<p class="note">None is open.</p>` : list}</section>`;
}

function mountList({ mounts }: ReportData): Html {
  const parts = mounts.map(
    ({ id, mounts: rows }) =>
      html`${mounts.length > 1 && html`<h3>Namespace ${id}</h3>`}${table(
        [
          {
            name: 'Mounted on',
            look: 'wide',
            cell: (row) =>
              html`<code style="padding-left:${Math.min(row.depth, 10)}em">${row.mountpoint}</code>`,
          },
          {
            name: 'File system',
            look: 'fit',
            cell: (row) => row.type || html`<span class="muted">unknown</span>`,
          },
          {
            name: 'Source',
            cell: (row) =>
              html`<span>${mono(row.source)}${row.root !== '/' && html` <span class="muted">at</span> ${mono(row.root)}`}</span>`,
          },
          {
            name: 'Options',
            look: 'wide',
            cell: (row) =>
              html`<span>${row.options}${row.propagation !== '' && html`<span class="tag">${row.propagation}</span>`}</span>`,
          },
        ],
        rows,
      )}`,
  );
  return html`<section id="mounts"><h2>Mounts</h2>${mounts.length === 0 ? html`<p class="note">The processes had no mount namespace of their own: they see the mounts of the machine.</p>` : parts}</section>`;
}
