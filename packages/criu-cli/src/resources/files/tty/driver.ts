// Which files are terminals.
import { TtyType } from '@criu/images';
import { tryIoctlInt } from '@criu/native';
import { S_IFCHR, TIOCGPTN } from '@criu/native/uapi';
import type { DumpContext } from '../../../engine/dump-context.js';
import { externalId, isExternal } from '../../external.js';
import { major, minor, type OpenFile } from '../open-file.js';

/** Indices of terminals other than pseudoterminals, as in images. */
export const INDEX = {
  CONSOLE: 1002,
  VT: 1004,
  CTTY: 1006,
  SERIAL: 1010,
  EXTERNAL: 1012,
  LAST_EXTERNAL: 1076,
};

export interface Driver {
  readonly type: number;
  readonly master: boolean;
  readonly index: number;
}

/** Whether a terminal was declared external. */
export function isOutside(ctx: DumpContext, { stat }: OpenFile): boolean {
  return isExternal(ctx, externalId.tty(stat.rdev, stat.dev));
}

/** Number of a pseudoterminal; 0 for one that was hung up and does not answer. */
function ptyIndex(file: OpenFile): number {
  return tryIoctlInt(file.local, TIOCGPTN) ?? 0;
}

/** Undefined for a file that is no terminal. */
export function driverOf(file: OpenFile): Driver | undefined {
  const { rdev } = file.stat;
  const min = minor(rdev);
  switch (major(rdev)) {
    case 5:
      if (min === 0) return { type: TtyType.CTTY, master: false, index: INDEX.CTTY };
      if (min === 1) return { type: TtyType.CONSOLE, master: false, index: INDEX.CONSOLE };
      if (min === 2) return { type: TtyType.PTY, master: true, index: ptyIndex(file) };
      return undefined;
    case 4:
      return min < 64 ? { type: TtyType.VT, master: false, index: INDEX.VT } : undefined;
    case 188:
    case 204:
      return { type: TtyType.SERIAL, master: false, index: INDEX.SERIAL };
    case 2:
      return { type: TtyType.PTY, master: true, index: min };
    case 3:
      return { type: TtyType.PTY, master: false, index: min };
    default: {
      const maj = major(rdev);
      if (maj >= 128 && maj <= 135) return { type: TtyType.PTY, master: true, index: ptyIndex(file) };
      if (maj >= 136 && maj <= 143)
        return { type: TtyType.PTY, master: false, index: (maj - 136) * 256 + min };
      return undefined;
    }
  }
}

export function isTerminal(file: OpenFile, ctx: DumpContext): boolean {
  return file.mode === S_IFCHR && (isOutside(ctx, file) || driverOf(file) !== undefined);
}
