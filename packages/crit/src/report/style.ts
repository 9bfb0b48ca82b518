// How the report looks: one column of cards, light and dark, from a phone to a wide screen. No fonts or images from outside.

export const style = `
:root {
  color-scheme: light dark;
  --plane: #f4f4f1; --card: #fdfdfc; --line: #e3e2dd; --soft: #efeeea;
  --ink: #14140f; --ink2: #55544e; --ink3: #7b7a72; --link: #1d5fae;
  --good: #1a7f4e; --bad: #b42323; --bad-soft: #fbe9e7; --warn: #8a5a00; --warn-soft: #faf0d9;
  --anonymous: #2a78d6; --heap: #1baf7a; --stack: #eda100; --shared: #6a5acd; --file: #8f8e86; --shared-file: #e0559a;
  --kernel: #b98a5e;
  --mono: ui-monospace, "SF Mono", SFMono-Regular, Menlo, Consolas, "DejaVu Sans Mono", monospace;
}
@media (prefers-color-scheme: dark) {
  :root {
    --plane: #11110f; --card: #1a1a18; --line: #33322e; --soft: #252420;
    --ink: #f3f2ee; --ink2: #bdbbb2; --ink3: #8f8d84; --link: #7db4f2;
    --good: #4cc38a; --bad: #ff8b80; --bad-soft: #3a1d1a; --warn: #e8b34c; --warn-soft: #33280f;
    --anonymous: #4a92e6; --heap: #1fa677; --stack: #d39a1a; --shared: #9085e9; --file: #7d7c74;
    --shared-file: #d65a97; --kernel: #a3784f;
  }
}
* { box-sizing: border-box; }
html { scroll-padding-top: 3.5rem; -webkit-text-size-adjust: 100%; }
body { margin: 0; background: var(--plane); color: var(--ink); font: 15px/1.5 system-ui, -apple-system, "Segoe UI", sans-serif; overflow-wrap: anywhere; }
main, header > div, nav > div, footer { max-width: 72rem; margin: 0 auto; padding: 0 1.5rem; }
header { padding: 2.25rem 0 1.25rem; }
h1 { font-size: 1.75rem; line-height: 1.2; letter-spacing: -.02em; margin: 0 0 .35rem; overflow-wrap: anywhere; }
h2 { font-size: 1.1rem; margin: 0; letter-spacing: -.01em; }
h3 { font-size: .95rem; margin: 1.5rem 0 .5rem; }
p { margin: 0; }
a { color: var(--link); text-decoration: none; }
a:hover { text-decoration: underline; }
code, .mono { font-family: var(--mono); font-size: .86em; overflow-wrap: anywhere; }
.note { color: var(--ink2); font-size: .875rem; max-width: 46rem; }
.muted { color: var(--ink3); }
.num { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap; }
nav { position: sticky; top: 0; z-index: 2; background: var(--plane); border-bottom: 1px solid var(--line); }
nav > div { display: flex; gap: 1.5rem; overflow-x: auto; scrollbar-width: none; }
nav a { color: var(--ink2); padding: .7rem 0; white-space: nowrap; font-size: .9rem; }
nav b { color: var(--ink3); font-weight: 400; margin-left: .3rem; font-variant-numeric: tabular-nums; }
.tiles { display: grid; grid-template-columns: repeat(6, 1fr); gap: 1px; background: var(--line);
  border: 1px solid var(--line); border-radius: 12px; overflow: hidden; margin-top: 1.5rem; }
.tiles div { background: var(--card); padding: .85rem 1rem; }
.tiles dt { color: var(--ink2); font-size: .8rem; }
.tiles dd { margin: .1rem 0 0; font-size: 1.45rem; font-weight: 600; letter-spacing: -.02em; white-space: nowrap; }
.tiles small { font-size: .8rem; font-weight: 400; letter-spacing: 0; color: var(--ink3); display: block; }
dl { margin: 0; }
section { background: var(--card); border: 1px solid var(--line); border-radius: 12px; padding: 1.25rem 1.5rem 1.4rem; margin: 1.25rem 0; }
section > .note { margin: .25rem 0 1rem; }
section > .note:last-child { margin-bottom: 0; }
.verdict { display: flex; gap: .6rem; align-items: baseline; font-size: .9rem; margin-top: 1rem; color: var(--good); }
.problems { border-radius: 12px; margin-top: 1rem; padding: .8rem 1rem; background: var(--warn-soft); color: var(--warn); font-size: .9rem; }
.problems.bad { background: var(--bad-soft); color: var(--bad); }
.problems ul { margin: .5rem 0 0; padding: 0; list-style: none; color: var(--ink); max-height: 24rem; overflow: auto; }
.problems li { padding: .15rem 0; overflow-wrap: anywhere; }
summary { cursor: pointer; }
summary::marker { color: var(--ink3); }

.tree { margin: .9rem 0 0; padding: 0; list-style: none; }
.tree li { display: flex; max-width: 100%; border-top: 1px solid var(--soft); min-height: 3.4rem; }
.tree li:first-child { border-top: 0; }
.tree li:target { background: var(--soft); }
.g { flex: 0 0 1.25rem; position: relative; }
.g::before, .g::after { content: ""; position: absolute; left: .55rem; }
.g.through::before, .g.tee::before { top: -1px; bottom: 0; border-left: 1.5px solid var(--line); }
.g.last::before { top: -1px; height: 1.3rem; border-left: 1.5px solid var(--line); }
.g.tee::after, .g.last::after { top: 1.2rem; width: .55rem; border-top: 1.5px solid var(--line); }
.proc { flex: 1; min-width: 0; display: grid; grid-template-columns: minmax(0, 1fr) 7rem 6rem 12rem; gap: 0 1rem; padding: .5rem 0; align-items: center; }
.who { min-width: 0; }
.who .line { display: block; overflow: hidden; text-overflow: ellipsis; white-space: nowrap; color: var(--ink2); }
.who b { font-weight: 600; }
.pid { color: var(--ink3); font-variant-numeric: tabular-nums; margin-left: .4rem; font-size: .9em; }
.tag { font-size: .75rem; border-radius: 99px; padding: .05rem .5rem; margin-left: .5rem; background: var(--soft); color: var(--ink2); white-space: nowrap; }
.tag.alert { background: var(--warn-soft); color: var(--warn); }
.fact { color: var(--ink2); font-size: .86rem; white-space: nowrap; }
.load { display: flex; align-items: center; gap: .6rem; font-size: .86rem; }
.load .bar { flex: 1; }
.load span { min-width: 4.5rem; text-align: right; font-variant-numeric: tabular-nums; }

.bar { display: block; height: 12px; border-radius: 4px; overflow: hidden; background: var(--soft); }
.bar.tall { height: 26px; border-radius: 6px; }
svg { display: block; width: 100%; height: 100%; }
.gap { fill: var(--card); }
.anonymous { fill: var(--anonymous); } .heap { fill: var(--heap); } .stack { fill: var(--stack); } .shared { fill: var(--shared); }
.file { fill: var(--file); } .shared-file { fill: var(--shared-file); } .kernel { fill: var(--kernel); }
.dot { display: inline-block; width: .7rem; height: .7rem; border-radius: 3px; margin-right: .5rem; vertical-align: -.05rem; }
.legend { display: flex; flex-wrap: wrap; gap: .3rem 1.1rem; font-size: .86rem; color: var(--ink2); margin: .75rem 0 .9rem; padding: 0; list-style: none; }
.chart { display: grid; gap: .55rem; margin-top: .75rem; font-size: .9rem; }
.row { display: grid; grid-template-columns: minmax(7rem, 14rem) minmax(0, 1fr) 5rem; gap: 0 1rem; align-items: center; }
.chart .name { overflow: hidden; text-overflow: ellipsis; white-space: nowrap; }
.chart .bar { background: none; }

.space { border-top: 1px solid var(--soft); padding: .7rem 0; }
h2 + .space { border-top: 0; }
.space > summary { display: flex; flex-wrap: wrap; gap: .2rem 1rem; align-items: baseline; }
.space > summary::before, .inner > summary::before { content: "▸"; color: var(--ink3); font-size: .8em; transition: transform .1s; }
.space[open] > summary::before, .inner[open] > summary::before { transform: rotate(90deg); }
.space > summary, .inner > summary { list-style: none; }
.space > summary::-webkit-details-marker, .inner > summary::-webkit-details-marker { display: none; }
.space > summary .fact { margin-left: auto; }
.inner { margin-top: .9rem; font-size: .9rem; }
.inner > summary { display: inline-flex; gap: .5rem; align-items: baseline; color: var(--link); }
.region { display: grid; grid-template-columns: 8.2rem 1fr 5rem; gap: 1rem; align-items: center; margin-top: .5rem; }
.region code { color: var(--ink2); white-space: nowrap; }
.strip { height: 30px; border-radius: 5px; overflow: hidden; background: var(--soft); min-width: 6px; }
.hole { font-size: .75rem; color: var(--ink3); padding-left: 9.2rem; line-height: 1.2; margin-top: .4rem; }
.hole::before { content: "⋮ "; }
.pale { fill-opacity: .28; }
.none { fill: none; stroke: var(--ink3); stroke-opacity: .5; stroke-dasharray: 2 2; }

.scroll { overflow-x: auto; }
table { border-collapse: collapse; width: 100%; font-size: .875rem; margin-top: .75rem; }
th { text-align: left; font-weight: 500; color: var(--ink3); font-size: .78rem; padding: .3rem .75rem .3rem 0; border-bottom: 1px solid var(--line); white-space: nowrap; }
th.num { text-align: right; }
td { padding: .36rem .75rem .36rem 0; border-bottom: 1px solid var(--soft); vertical-align: top; }
tr:last-child td { border-bottom: 0; }
th:last-child, td:last-child { padding-right: 0; }
td.wide { overflow-wrap: anywhere; }
td.fit { white-space: nowrap; }
footer { color: var(--ink3); font-size: .82rem; padding-top: .5rem; padding-bottom: 2.5rem; }

@media (max-width: 66rem) { .tiles { grid-template-columns: repeat(3, 1fr); } .proc { grid-template-columns: minmax(0, 1fr) 5.5rem 5rem 9rem; } }
@media (max-width: 44rem) {
  main, header > div, nav > div, footer { padding-left: 1rem; padding-right: 1rem; }
  header { padding: 1.4rem 0 1rem; }
  h1 { font-size: 1.45rem; }
  section { padding: 1rem; margin: 1rem -0.25rem; }
  nav > div { gap: 1.15rem; }
  .tiles { grid-template-columns: 1fr 1fr; }
  .tiles div { padding: .65rem .85rem; }
  .tiles dd { font-size: 1.25rem; }
  .tree li { min-height: 0; }
  .g { flex: 0 1 .85rem; }
  .proc { flex: 1 0 15.5rem; }
  .g::before, .g::after { left: .3rem; }
  .g.tee::after, .g.last::after { width: auto; right: 0; }
  .proc { grid-template-columns: auto auto minmax(5rem, 1fr); gap: .1rem .8rem; }
  .who { grid-column: 1 / -1; }
  .row { grid-template-columns: minmax(0, 1fr) auto; gap: .15rem 1rem; }
  .row .bar { grid-column: 1 / -1; grid-row: 2; }
  .region { grid-template-columns: minmax(0, 1fr) auto; gap: .15rem 1rem; }
  .region .track { grid-column: 1 / -1; grid-row: 2; }
  .hole { padding-left: 0; }
  .space > summary .fact { margin-left: 1.1rem; flex-basis: 100%; }
  table.cards, .cards tbody { display: block; }
  .cards thead { display: none; }
  .cards tr { display: flex; flex-wrap: wrap; gap: .1rem .9rem; padding: .5rem 0; border-bottom: 1px solid var(--soft); align-items: baseline; }
  .cards tr:last-child { border-bottom: 0; }
  .cards td { border: 0; padding: 0; white-space: normal; min-width: 0; }
  .cards td:empty { display: none; }
  .cards td.wide { flex: 1 0 100%; color: var(--ink2); }
  .cards td[data-before]::before { content: attr(data-before) " "; color: var(--ink3); }
  .cards td[data-unit]::after { content: " " attr(data-unit); color: var(--ink3); font-size: .85em; }
}
@media print { nav { display: none; } section { break-inside: avoid; } }
`;
