// The style sheet of the report: one column of cards, light and dark, from phones to wide screens, without external
// fonts or images.

export const style = `
:root {
  color-scheme: light dark;
  --plane: #f5f6f8; --card: #fff; --line: #dfe2e8; --soft: #eff1f5; --hover: #f3f6fb;
  --ink: #14171f; --ink2: #4a5160; --ink3: #666d7d; --link: #1a5fb8; --focus: #2f7be0;
  --good: #12734a; --good-soft: #e4f5ec; --bad: #b3261e; --bad-soft: #fdecea; --warn: #825300; --warn-soft: #fbf1d8;
  --anonymous: #2f7be0; --heap: #18a572; --stack: #e39a0b; --shared: #7560d8; --file: #8b92a1; --shared-file: #d9518f;
  --kernel: #b0835a;
  --shadow: 0 1px 2px rgb(20 23 31 / .05);
  --mono: ui-monospace, "SF Mono", SFMono-Regular, Menlo, Consolas, "DejaVu Sans Mono", monospace;
}
@media (prefers-color-scheme: dark) {
  :root {
    --plane: #0f1115; --card: #171a20; --line: #2b303a; --soft: #21252d; --hover: #1d2129;
    --ink: #eef0f4; --ink2: #b7bdc9; --ink3: #959cab; --link: #7fb4ff; --focus: #6ea8ff;
    --good: #5fd39b; --good-soft: #12291f; --bad: #ff9389; --bad-soft: #351a19; --warn: #efc069; --warn-soft: #2f260f;
    --anonymous: #5498f5; --heap: #2bb685; --stack: #e0a63a; --shared: #9a8af0; --file: #7d8493; --shared-file: #e26ba3;
    --kernel: #b88d66;
    --shadow: none;
  }
}
* { box-sizing: border-box; }
[hidden] { display: none !important; }
html { scroll-padding-top: 3.5rem; -webkit-text-size-adjust: 100%; }
body { margin: 0; background: var(--plane); color: var(--ink); font: 15px/1.5 system-ui, -apple-system, "Segoe UI", Roboto, "DejaVu Sans", sans-serif; overflow-wrap: anywhere; }
main, header > div, nav > div, footer { max-width: 76rem; margin: 0 auto; padding: 0 1.5rem; }
header { padding: 2.25rem 0 1.5rem; }
h1, h2, h3, p, dl, ul { margin: 0; }
p { text-wrap: pretty; }
h1 { font-size: 1.8rem; line-height: 1.2; letter-spacing: -.02em; }
h1 small { font-size: 1.05rem; font-weight: 400; letter-spacing: 0; color: var(--ink2); }
h2 { font-size: 1.15rem; letter-spacing: -.01em; }
h3 { font-size: .95rem; margin: 1.25rem 0 .35rem; }
.kicker { color: var(--ink3); font-size: .8rem; font-weight: 600; letter-spacing: .06em; text-transform: uppercase; margin-bottom: .3rem; }
a { color: var(--link); text-decoration: none; }
a:hover { text-decoration: underline; }
:focus-visible { outline: 2px solid var(--focus); outline-offset: 2px; border-radius: 4px; }
code, kbd, pre { font-family: var(--mono); font-size: .86em; overflow-wrap: anywhere; }
pre { overflow-x: auto; }
.note { color: var(--ink2); font-size: .875rem; max-width: 48rem; }
.muted, .pid { color: var(--ink3); }
.pid { font-variant-numeric: tabular-nums; font-size: .9em; font-weight: 400; }
.num { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap; }
.tag { display: inline-block; font-size: .75rem; line-height: 1.35; border-radius: 99px; padding: .08rem .55rem; background: var(--soft); color: var(--ink2); white-space: nowrap; max-width: 100%; overflow: hidden; text-overflow: ellipsis; vertical-align: middle; }
.tag.alert { background: var(--warn-soft); color: var(--warn); }
.hidden, .skip:not(:focus) { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }
.skip:focus { position: fixed; left: 1rem; top: 1rem; z-index: 9; background: var(--card); padding: .6rem 1rem; border-radius: 8px; }

.verdict { display: flex; gap: .75rem; border-radius: 12px; padding: .8rem 1rem; margin-top: 1.1rem; font-size: .92rem; color: var(--ink); align-items: flex-start; }
.verdict > div, .verdict > span:last-child { min-width: 0; flex: 1; }
.mark { flex: none; width: 1.35rem; height: 1.35rem; border-radius: 50%; color: var(--card); display: grid; place-items: center; font-size: .8rem; font-weight: 700; line-height: 1; }
.verdict.good { background: var(--good-soft); } .good .mark { background: var(--good); } .good b { color: var(--good); }
.verdict.bad { background: var(--bad-soft); } .bad .mark { background: var(--bad); } .bad p b { color: var(--bad); }
.verdict.warn { background: var(--warn-soft); } .warn .mark { background: var(--warn); } .warn p b { color: var(--warn); }
.verdict summary { margin-top: .4rem; color: var(--ink2); font-size: .875rem; }
.verdict ul { margin: .4rem 0 0; padding: 0; list-style: none; max-height: 22rem; overflow: auto; }
.verdict li { padding: .22rem 0; }
.level { display: inline-block; min-width: 4.2rem; font-size: .75rem; font-weight: 600; }
.level.error { color: var(--bad); } .level.warning { color: var(--warn); }
.verdict .muted { color: var(--ink2); }

.facts { display: grid; grid-template-columns: repeat(auto-fill, minmax(13rem, 1fr)); gap: .75rem 1.5rem; }
header .facts { margin-top: 1.25rem; }
.facts > div { min-width: 0; }
.facts dt { color: var(--ink3); font-size: .8rem; }
.facts dd { margin: 0; font-size: .92rem; }
.facts small { color: var(--ink3); font-size: .8rem; }
.tiles { display: grid; grid-template-columns: repeat(5, 1fr); gap: 1px; background: var(--line); border: 1px solid var(--line); border-radius: 12px; overflow: hidden; margin-top: 1.5rem; box-shadow: var(--shadow); }
.tiles div { background: var(--card); padding: .85rem 1rem; }
.tiles dt { color: var(--ink2); font-size: .82rem; }
.tiles dd { margin: .1rem 0 0; font-size: 1.4rem; font-weight: 600; letter-spacing: -.02em; white-space: nowrap; font-variant-numeric: tabular-nums; }
.tiles small { font-size: .8rem; font-weight: 400; letter-spacing: 0; color: var(--ink3); display: block; }

nav { position: sticky; top: 0; z-index: 2; background: var(--plane); border-bottom: 1px solid var(--line); }
nav > div { display: flex; gap: 1.5rem; overflow-x: auto; scrollbar-width: none; }
nav a { color: var(--ink2); padding: .7rem 0; white-space: nowrap; font-size: .9rem; }
nav b { color: var(--ink3); font-weight: 400; font-variant-numeric: tabular-nums; }

section { background: var(--card); border: 1px solid var(--line); border-radius: 12px; padding: 1.25rem 1.5rem 1.4rem; margin: 1.25rem 0; box-shadow: var(--shadow); }
section > .note { margin: .2rem 0 .9rem; }
section > .note:last-child { margin-bottom: 0; }
summary { cursor: pointer; }
.part { border-top: 1px solid var(--line); margin-top: 1rem; }
.part + .part { margin-top: 0; }
.part > summary { list-style: none; display: flex; gap: .6rem; align-items: baseline; padding: .75rem 0; font-weight: 600; }
.part > summary::-webkit-details-marker { display: none; }
.part > summary .muted { font-weight: 400; font-size: .875rem; }
.part > summary::before, .chevron::before { content: ""; flex: none; width: .42em; height: .42em; border: solid currentColor; border-width: 0 1.6px 1.6px 0; transform: rotate(-45deg); color: var(--ink3); }
.part[open] > summary::before { transform: rotate(45deg) translate(-.1em, -.1em); }
.part[open] { padding-bottom: 1rem; }

button, input, select { font: inherit; color: inherit; }
.tools { display: flex; flex-wrap: wrap; gap: .5rem; align-items: center; margin: .5rem 0 .75rem; font-size: .875rem; }
.tools input { flex: 1 1 14rem; min-width: 0; max-width: 24rem; }
.tools input, .tools select, .tools button, .more, .close { border: 1px solid var(--line); background: var(--card); border-radius: 8px; padding: .36rem .7rem; min-height: 2.2rem; }
.tools select { max-width: 13rem; }
.tools input::placeholder { color: var(--ink3); opacity: 1; }
button { cursor: pointer; }
.tools button:hover, .more:hover, .close:hover { background: var(--soft); }
.switch { display: flex; }
.switch button { border-radius: 0; }
.switch button:first-child { border-radius: 8px 0 0 8px; } .switch button:last-child { border-radius: 0 8px 8px 0; border-left: 0; }
.switch button[aria-pressed=true] { background: var(--soft); font-weight: 600; }
.count { color: var(--ink2); margin-left: auto; font-variant-numeric: tabular-nums; }
.more { margin-top: .75rem; font-size: .875rem; width: 100%; }
.none { color: var(--ink2); font-size: .9rem; padding: 1rem 0; }
.link { border: 0; background: none; padding: 0; color: var(--link); text-align: left; }
.link:hover { text-decoration: underline; }

.process { display: grid; grid-template-columns: minmax(0, 1.1fr) minmax(0, 1fr) 4.4rem 4.4rem 14rem; gap: 0 1rem; align-items: center; padding: .42rem .5rem; margin: 0 -.5rem; cursor: pointer; font-size: .9rem; position: relative; }
.process + .process { box-shadow: inset 0 1px var(--soft); }
.process:hover { background: var(--hover); }
.process:focus-visible { outline-offset: -2px; }
.dim > * { opacity: .62; }
.name { display: flex; align-items: center; gap: .45rem; min-width: 0; padding-left: calc(var(--depth) * 1.15rem); }
.name::before { content: ""; position: absolute; left: 1rem; top: 0; bottom: 0; width: calc(var(--depth) * 1.15rem); background: repeating-linear-gradient(90deg, var(--line) 0 1px, transparent 1px 1.15rem); }
.name b { font-weight: 600; overflow: hidden; text-overflow: ellipsis; white-space: nowrap; }
.name .tag, .name .pid { flex: none; }
.chevron { flex: none; width: 1.1rem; height: 1.5rem; margin: -.2rem 0; display: grid; place-items: center; position: relative; }
.chevron::before { transform: rotate(45deg) translate(-.08em, -.08em); }
[aria-expanded=false] .chevron::before { transform: rotate(-45deg); }
.chevron.leaf::before { display: none; }
.command { min-width: 0; overflow: hidden; text-overflow: ellipsis; white-space: nowrap; color: var(--ink2); }
.command code { overflow-wrap: normal; }
.fact { color: var(--ink2); font-size: .86rem; white-space: nowrap; text-align: right; font-variant-numeric: tabular-nums; }
.load { display: flex; align-items: center; gap: .6rem; font-size: .86rem; min-height: 1.3rem; }
.load .bar { flex: 1; }
.load span { min-width: 4.8rem; text-align: right; font-variant-numeric: tabular-nums; }

.bar { display: block; height: 10px; border-radius: 5px; overflow: hidden; background: var(--soft); }
.bar.tall { height: 22px; border-radius: 7px; margin: .6rem 0; }
svg { display: block; width: 100%; height: 100%; }
.gap { fill: var(--card); }
.k-anonymous { fill: var(--anonymous); background: var(--anonymous); } .k-heap { fill: var(--heap); background: var(--heap); }
.k-stack { fill: var(--stack); background: var(--stack); } .k-shared { fill: var(--shared); background: var(--shared); }
.k-file { fill: var(--file); background: var(--file); } .k-shared-file { fill: var(--shared-file); background: var(--shared-file); }
.k-kernel { fill: var(--kernel); background: var(--kernel); }
.dot { display: inline-block; width: .7rem; height: .7rem; border-radius: 3px; margin-right: .5rem; }
.legend { display: flex; flex-wrap: wrap; gap: .25rem 1.1rem; font-size: .84rem; color: var(--ink2); margin: .4rem 0 .6rem; padding: 0; list-style: none; }
.plain { padding: 0; list-style: none; columns: 14rem; font-size: .9rem; }

.map { margin: .6rem 0 1rem; font-size: .86rem; }
.region { display: grid; grid-template-columns: 8.6rem 1fr 5rem; gap: .9rem; align-items: center; margin-top: .45rem; }
.region code { color: var(--ink2); white-space: nowrap; }
.strip { height: 28px; border-radius: 5px; overflow: hidden; background: var(--soft); min-width: 6px; }
.hole { font-size: .78rem; color: var(--ink3); padding-left: 9.5rem; margin-top: .35rem; }
.pale { fill-opacity: .28; }
rect.none { fill: none; stroke-width: 1; } rect.none { stroke: var(--ink3); stroke-opacity: .6; stroke-dasharray: 2 2; }

.scroll { overflow-x: auto; }
table { border-collapse: collapse; width: 100%; font-size: .875rem; }
th { text-align: left; font-weight: 500; color: var(--ink2); font-size: .8rem; padding: .35rem .9rem .35rem 0; border-bottom: 1px solid var(--line); white-space: nowrap; }
th.num { text-align: right; }
.sort { border: 0; background: none; padding: 0; color: inherit; }
.sort:hover { color: var(--ink); }
.sort::after { content: ""; display: inline-block; width: .8em; }
[aria-sort=ascending] .sort::after { content: " ↑"; } [aria-sort=descending] .sort::after { content: " ↓"; }
td { padding: .38rem .9rem .38rem 0; border-bottom: 1px solid var(--soft); vertical-align: top; }
tr:last-child td { border-bottom: 0; }
th:last-child, td:last-child { padding-right: 0; }
td.fit { white-space: nowrap; }
.end { display: flex; flex-direction: column; gap: .05rem; }
.in1 { padding-left: 1em; } .in2 { padding-left: 2em; } .in3 { padding-left: 3em; } .in4 { padding-left: 4em; }
.in5 { padding-left: 5em; } .in6 { padding-left: 6em; } .in7 { padding-left: 7em; } .in8 { padding-left: 8em; }

dialog { border: 0; padding: 0; margin: 0 0 0 auto; width: min(54rem, 100%); max-width: none; height: 100%; max-height: none; background: var(--card); color: var(--ink); box-shadow: -8px 0 40px rgb(0 0 0 / .25); overflow-y: auto; overscroll-behavior: contain; }
dialog::backdrop { background: rgb(10 12 16 / .45); }
.inside { padding: 0 1.75rem 2rem; }
.head { position: sticky; top: 0; z-index: 1; display: flex; gap: 1rem; justify-content: space-between; align-items: center; background: var(--card); padding: 1.1rem 0 .9rem; border-bottom: 1px solid var(--line); margin-bottom: 1rem; }
.head h2 { font-size: 1.3rem; min-width: 0; }
.close { flex: none; width: 2.4rem; height: 2.4rem; padding: 0; }
dialog .facts { grid-template-columns: 1fr; gap: 0; }
dialog .facts > div { display: grid; grid-template-columns: 11rem minmax(0, 1fr); gap: 1rem; padding: .3rem 0; }
dialog .facts dt { font-size: .875rem; color: var(--ink2); }
.words code { background: var(--soft); border-radius: 4px; padding: .05rem .3rem; }

footer { color: var(--ink3); font-size: .84rem; padding-top: .5rem; padding-bottom: 2.5rem; }
.keys { margin-top: .5rem; }
kbd { border: 1px solid var(--line); border-radius: 4px; padding: .05rem .35rem; background: var(--card); margin-left: .5rem; }

@media (max-width: 66rem) {
  .process { grid-template-columns: minmax(0, 1fr) minmax(0, 1fr) 4.4rem 12rem; }
  .process .fact:nth-child(3) { display: none; }
}
@media (max-width: 44rem) {
  main, header > div, nav > div, footer { padding-left: 1rem; padding-right: 1rem; }
  header { padding: 1.4rem 0 1rem; }
  h1 { font-size: 1.45rem; }
  h1 small { display: block; font-size: .95rem; }
  section { padding: 1rem; margin: 1rem -.25rem; }
  nav > div { gap: 1.15rem; }
  .facts { grid-template-columns: repeat(2, minmax(0, 1fr)); gap: .6rem 1rem; }
  .tiles { grid-template-columns: 1fr 1fr; }
  .tiles div { padding: .65rem .85rem; }
  .tiles dd { font-size: 1.2rem; }
  .tiles div:last-child { grid-column: 1 / -1; }
  .tools input { flex-basis: 100%; max-width: none; }
  .tools input, .tools select { font-size: 16px; }
  .tools select { flex: 1 1 7rem; max-width: none; min-width: 0; }
  .process { grid-template-columns: minmax(0, 1fr) auto; gap: .1rem .75rem; padding: .55rem .5rem; }
  .process .fact { display: none; }
  .process .command { grid-column: 1 / -1; grid-row: 2; padding-left: calc(var(--depth) * 1.15rem + 1.5rem); }
  .process .load { display: contents; }
  .process .load span { grid-column: 2; grid-row: 1; min-width: 0; font-size: .86rem; }
  .process .load .bar { grid-column: 1 / -1; grid-row: 3; height: 5px; margin: .25rem 0 .1rem calc(var(--depth) * .7rem + 1.5rem); }
  .name { padding-left: calc(var(--depth) * .7rem); }
  .process .command { padding-left: calc(var(--depth) * .7rem + 1.5rem); }
  .name::before { width: calc(var(--depth) * .7rem); background: repeating-linear-gradient(90deg, var(--line) 0 1px, transparent 1px .7rem); }
  .region { grid-template-columns: minmax(0, 1fr) auto; gap: .1rem 1rem; }
  .region .track { grid-column: 1 / -1; grid-row: 2; }
  .hole { padding-left: 0; }
  .inside { padding: 0 1rem 2rem; }
  dialog .facts > div { grid-template-columns: 1fr; gap: 0; }
  table.cards, .cards tbody { display: block; }
  .cards thead { display: none; }
  .cards tr { display: flex; flex-wrap: wrap; gap: .1rem .9rem; padding: .55rem 0; border-bottom: 1px solid var(--soft); align-items: baseline; }
  .cards tr:last-child { border-bottom: 0; }
  .cards td { border: 0; padding: 0; white-space: normal; min-width: 0; text-align: left; }
  .cards td:empty { display: none; }
  .cards td.wide { flex: 1 0 100%; }
  .cards td[data-label] { display: flex; gap: .4rem; }
  .cards td[data-label]::before { content: attr(data-label); color: var(--ink3); }
  .cards td[data-before]::before { content: attr(data-before) " "; color: var(--ink3); }
  .cards td[data-unit]::after { content: " " attr(data-unit); color: var(--ink3); font-size: .85em; }
  .keys { display: none; }
}
@media (prefers-reduced-motion: no-preference) {
  dialog[open] { animation: slide .16s ease-out; }
  @keyframes slide { from { transform: translateX(2rem); opacity: 0; } }
}
@media print { nav, .tools, .more { display: none; } section { break-inside: avoid; box-shadow: none; } }
`;
