/** `/proc/PID/timens_offsets`: clock offsets of the time namespace for children (time_namespaces(7)). */

import { PROC_ROOT, type ProcText, readTextIfAny } from './io.js';
import { Scan } from './scan.js';

export interface ClockOffset {
  /** Seconds; may be negative. */
  sec: bigint;
  /** Nanoseconds, 0 to 999999999. */
  nsec: number;
}

export interface TimensOffsets {
  monotonic: ClockOffset;
  boottime: ClockOffset;
}

/** Parses the text of timens_offsets; Linux 5.6 wrote clock numbers (1 and 7) for names. */
export function parseTimensOffsets(text: ProcText, file = 'timens_offsets'): TimensOffsets {
  const scan = new Scan(text, file);
  let monotonic: ClockOffset | undefined;
  let boottime: ClockOffset | undefined;
  while (!scan.atEnd) {
    scan.blanks();
    const clock = scan.word();
    scan.blanks();
    const sec = scan.big();
    scan.blanks();
    const offset = { sec, nsec: scan.int() };
    if (clock === 'monotonic' || clock === '1') monotonic = offset;
    else if (clock === 'boottime' || clock === '7') boottime = offset;
    scan.endLine();
  }
  if (monotonic === undefined || boottime === undefined) {
    throw scan.error('expected offsets of monotonic and boottime');
  }
  return { monotonic, boottime };
}

/** Reads the offsets; undefined without time namespaces. */
export function readTimensOffsets(pid: number, root: string = PROC_ROOT): TimensOffsets | undefined {
  const text = readTextIfAny(pid, 'timens_offsets', root);
  return text === undefined ? undefined : parseTimensOffsets(text, `${root}/${pid}/timens_offsets`);
}
