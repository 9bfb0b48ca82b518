// Shows progress of long work as one line on a terminal, which is redrawn and finally removed.
import type { ProgressEvent } from '../options.js';
import { Stopwatch } from '../stopwatch.js';

/** A terminal to write to. */
export interface Screen {
  readonly columns: number;
  write(text: string): void;
}

/** Milliseconds; shorter work shows no progress. */
const SHOW_AFTER_MS = 150;
const REDRAW_MS = 60;
const BAR = 20;

function bar(done: number, total: number): string {
  const part = Math.min(1, Math.max(0, done / total));
  const full = Math.round(part * BAR);
  return `[${'='.repeat(full)}${' '.repeat(BAR - full)}] ${String(Math.floor(part * 100)).padStart(3)}%`;
}

function bytesText(bytes: number): string {
  const units = ['B', 'KiB', 'MiB', 'GiB'];
  const power = Math.min(units.length - 1, Math.max(0, Math.floor(Math.log2(Math.max(1, bytes)) / 10)));
  return `${(bytes / 1024 ** power).toFixed(power > 2 ? 1 : 0)} ${units[power]}`;
}

/** The line for an event, cut to the width of the terminal. */
export function progressLine(event: ProgressEvent, seconds: number, columns: number): string {
  const { phase, message, done, total, rate, remaining } = event;
  const amount = done !== undefined && total ? ` ${bar(done, total)}` : '';
  const speed = rate === undefined ? '' : `, ${bytesText(rate)}/s`;
  const rest = remaining === undefined ? '' : `, ${Math.ceil(remaining)} s left`;
  const text = `${phase.padEnd(8)}${amount} ${message} (${seconds.toFixed(1)} s${speed}${rest})`;
  return text.length < columns ? text : `${text.slice(0, Math.max(0, columns - 2))}…`;
}

/** Milliseconds since the call. */
function sinceNow(): () => number {
  const watch = new Stopwatch();
  return () => watch.milliseconds;
}

export class Progress {
  private shown = false;
  private last = Number.NEGATIVE_INFINITY;
  private phase = '';
  private readonly start: number;

  constructor(
    private readonly screen: Screen,
    private readonly now: () => number = sinceNow(),
  ) {
    this.start = now();
  }

  /** The callback for `onProgress`. */
  readonly show = (event: ProgressEvent): void => {
    const at = this.now();
    if (at - this.start < SHOW_AFTER_MS) return;
    if (event.phase === this.phase && at - this.last < REDRAW_MS) return;
    this.phase = event.phase;
    this.last = at;
    this.shown = true;
    this.screen.write(`\r\x1b[2K${progressLine(event, (at - this.start) / 1000, this.screen.columns)}`);
  };

  /** Removes the line before other output. */
  clear(): void {
    if (!this.shown) return;
    this.shown = false;
    this.screen.write('\r\x1b[2K');
  }
}
