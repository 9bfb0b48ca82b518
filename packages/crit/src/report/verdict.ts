// The result of `crit verify` at the top of the page.
import type { Problem } from '../verify/index.js';
import type { ReportData } from './data.js';
import { type Html, html } from './html.js';
import { mono } from './tables.js';

/** Limit of listed problems. */
const MOST = 300;
/** Up to this number, problems are shown unfolded. */
const OPEN = 8;

export function verdict({ problems, formatVersion }: ReportData): Html {
  if (problems.length === 0)
    return html`<p class="verdict good"><span class="mark" aria-hidden="true">✓</span><span><b>The checkpoint is whole.</b> Every image, reference and page was checked.</span></p>`;
  const errors = problems.filter(({ level }) => level === 'error');
  const warnings = problems.length - errors.length;
  const words = (number: number, word: string) => `${number} ${word}${number === 1 ? '' : 's'}`;
  const found = [
    errors.length > 0 && words(errors.length, 'error'),
    warnings > 0 && words(warnings, 'warning'),
  ];
  const head = found.filter(Boolean).join(' and ');
  const bad = errors.length > 0;
  const advice = !bad
    ? 'A restore may work: what a warning names can have a good reason.'
    : formatVersion === 0
      ? 'These are images of a pre-dump: only a dump that builds on them can be restored.'
      : 'It cannot be restored as it was. Take a copy of the images that is whole, or dump again; what is broken is left out below.';
  const sorted = [...errors, ...problems.filter(({ level }) => level !== 'error')];
  const items = sorted.slice(0, MOST).map(item);
  return html`<div class="verdict ${bad ? 'bad' : 'warn'}" id="problems"><span class="mark" aria-hidden="true">${bad ? '✕' : '!'}</span><div>
<p><b>${head} in the images.</b> ${advice}</p>
<details${problems.length <= OPEN && html` open`}><summary>What was found</summary><ul tabindex="0" aria-label="Problems">${items}</ul>
${problems.length > MOST && html`<p>${problems.length - MOST} more: <code>crit verify DIR</code> prints all.</p>`}</details></div></div>`;
}

function item({ level, file, offset, reason }: Problem): Html {
  return html`<li><span class="level ${level}">${level}</span> ${mono(file)} <span>${reason}${offset !== undefined && offset > 0 && html` <span class="muted">(at byte ${offset})</span>`}</span></li>
`;
}
