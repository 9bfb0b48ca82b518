// The report on a checkpoint as one HTML page. The most important parts are markup with all values escaped. The script
// of the page makes tables and trees from embedded data. The page loads nothing, and no other script can run.
import { createHash } from 'node:crypto';
import { memoryKinds } from '../memory/address-space.js';
import { sizeText } from '../memory/size.js';
import { clientScript } from './client.generated.js';
import { containerSection } from './container.js';
import type { ReportData } from './data.js';
import { Html, html } from './html.js';
import { packPayload, payloadOf } from './payload.js';
import { factList, mountSection, namespaceSection } from './sections.js';
import { style } from './style.js';
import { mono } from './tables.js';
import { verdict } from './verdict.js';

export function reportHtml(data: ReportData): string {
  const { processes, mounts, connections } = data;
  const fds = processes.reduce((sum, process) => sum + process.descriptors.length, 0);
  const mountCount = mounts.reduce((sum, namespace) => sum + namespace.mounts.length, 0);
  const own = data.namespaces.filter((namespace) => namespace.own).length;
  const hash = (text: string) => `'sha256-${createHash('sha256').update(text).digest('base64')}'`;
  const policy = `default-src 'none'; style-src ${hash(style)}; script-src ${hash(clientScript)}; base-uri 'none'; form-action 'none'`;
  const title = titleOf(data);
  const link = (id: string, name: string, count?: number) =>
    html`<a href="#${id}">${name}${count !== undefined && html` <b>${count}</b>`}</a>
`;
  const page = html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="${new Html(policy)}">
<meta name="referrer" content="no-referrer">
<meta name="robots" content="noindex">
<title>Checkpoint of ${title}</title>
<style>${new Html(style)}</style>
</head>
<body>
<a class="skip" href="#processes">To the processes</a>
<header><div>
<p class="kicker">Checkpoint report</p>
<h1>${title}${processes.length > 1 && html` <small>and ${processes.length - 1} more ${processes.length === 2 ? 'process' : 'processes'}</small>`}</h1>
${verdict(data)}
${originFacts(data)}
${tiles(data, fds)}
</div></header>
<nav aria-label="Sections"><div>
${link('processes', 'Processes', processes.length)}${link('memory', 'Memory')}${link('connections', 'Connections', connections.length)}${link('descriptors', 'Descriptors', fds)}${link('namespaces', 'Namespaces', own || undefined)}${mountCount > 0 && link('mounts', 'Mounts', mountCount)}${data.container && link('container', 'Container')}
</div></nav>
<main>
<noscript><section><h2>Processes</h2><p class="note">The tables need JavaScript. <code>crit x DIR ps</code> prints what is below, and <code>crit x</code> all else.</p>
<pre>${plainTree(data)}</pre></section></noscript>
<section id="processes"><h2>Processes</h2>
<p class="note">A press on a process opens its memory, descriptors, credentials and environment. The bars are what the images hold of it.</p>
<div id="processes-data"></div></section>
<section id="memory"><h2>Memory</h2>
<p class="note">What the images hold. Code and other pages of files that were not written to are not stored: they come from the files again.</p>
<div id="memory-data"></div></section>
<section id="connections"><h2>Connections</h2>
<p class="note">Sockets and pipes; two ends that are both in this checkpoint are one row.</p>
<div id="connections-data"></div></section>
<section id="descriptors"><h2>Descriptors</h2>
<div id="descriptors-data"></div></section>
${namespaceSection(data)}
${mountCount > 0 && mountSection(data)}
${data.container && containerSection(data.container)}
</main>
<dialog id="sheet" aria-labelledby="sheet-title"></dialog>
<footer><p>Made by crit from the images in ${mono(data.name)}. Command lines and environments of the processes are in this file: look through it before you pass it on.</p>
<p class="keys"><kbd>/</kbd> search <kbd>↑</kbd> <kbd>↓</kbd> move <kbd>←</kbd> <kbd>→</kbd> fold <kbd>Enter</kbd> open <kbd>Esc</kbd> close</p></footer>
<script type="text/plain" id="data">${new Html(packPayload(payloadOf(data)))}</script>
<script>${new Html(clientScript)}</script>
</body>
</html>
`;
  return page.text;
}

function titleOf({ container, processes: [root], name }: ReportData): string {
  if (container?.name) return container.name;
  return root === undefined ? name : root.comm || `process ${root.pid}`;
}

const TIME_OF = {
  images: '',
  engine: 'by the container engine',
  file: 'time of the file inventory.img',
} as const;

/** Time, machine, program and subject of the dump. */
function originFacts(data: ReportData): Html {
  const { origin, container, formatVersion, architecture, frozenTime, hasParent } = data;
  const format = formatVersion === undefined ? 'unknown' : `1.${formatVersion - 1}`;
  const { time, timeOf } = origin;
  return factList([
    [
      'Taken',
      time !== undefined &&
        html`<time datetime="${time}">${timeText(time)}</time>${timeOf && TIME_OF[timeOf] && html` <small>${TIME_OF[timeOf]}</small>`}`,
    ],
    ['Machine', origin.machine],
    ['Kernel', origin.kernel],
    ['Made by', origin.dumper],
    ['Container', container && (container.name || container.id.slice(0, 12))],
    ['Image', container?.image],
    ['Engine', container && [container.engine, container.runtime].filter(Boolean).join(', ')],
    ['Host name of the tasks', origin.hostname],
    ['Architecture', architecture],
    ['Format of the images', `${format}${hasParent ? ', builds on a parent checkpoint' : ''}`],
    ['Stood still for', frozenTime !== undefined && duration(frozenTime)],
    ['Images', html`${mono(data.name)}`],
  ]);
}

/** An ISO 8601 time as `2026-11-28 17:25:01 UTC`; any other text unchanged. */
function timeText(iso: string): string {
  const time = new Date(iso);
  if (Number.isNaN(time.getTime())) return iso;
  return `${time.toISOString().slice(0, 19).replace('T', ' ')} UTC`;
}

function duration(microseconds: number): string {
  if (microseconds < 1000) return `${microseconds} µs`;
  return microseconds < 1e6
    ? `${(microseconds / 1000).toFixed(1)} ms`
    : `${(microseconds / 1e6).toFixed(2)} s`;
}

function tiles(data: ReportData, fds: number): Html {
  const threads = data.processes.reduce((sum, process) => sum + process.threads.length, 0);
  let [mapped, stored] = [0n, 0n];
  for (const kind of memoryKinds) {
    mapped += data.memory[kind].mapped;
    stored += data.memory[kind].stored;
  }
  const facts: [string, string, string, string][] = [
    [
      'processes',
      'Processes',
      String(data.processes.length),
      `${threads} ${threads === 1 ? 'thread' : 'threads'}`,
    ],
    ['memory', 'Memory stored', sizeText(stored), `of ${sizeText(mapped)} mapped`],
    ['connections', 'Connections', String(data.connections.length), 'sockets and pipes'],
    ['descriptors', 'Descriptors', String(fds), ''],
    ['', 'Images', sizeText(data.files.bytes), `${data.files.count} files`],
  ];
  const items = facts.map(([id, what, value, more]) => {
    const name = id === '' ? what : html`<a href="#${id}">${what}</a>`;
    return html`<div><dt>${name}</dt><dd>${value}<small>${more}</small></dd></div>
`;
  });
  return html`<dl class="tiles">${items}</dl>`;
}

/** Limit of the lines of the tree that browsers without scripts show. */
const LINES = 500;

function plainTree({ processes }: ReportData): Html {
  const lines = processes.slice(0, LINES).map(
    ({ pid, depth, comm, state }) =>
      html`${String(pid).padStart(8)}  ${'  '.repeat(Math.min(depth, 20))}${comm}${state !== 'alive' && ` (${state})`}
`,
  );
  return html`${lines}${processes.length > LINES && `and ${processes.length - LINES} more`}`;
}
