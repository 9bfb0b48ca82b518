// fifo(7): an end of a named pipe is described by its path and by the pipe behind it.
import { FdTypes } from '@criu/images';
import type { DumpContext } from '../../../engine/dump-context.js';
import { stateKey } from '../../../states.js';
import type { FileKind } from '../kind.js';
import { FsMagic, S_IFIFO } from '../open-file.js';
import { dumpPipeData, pipeIdOf } from '../pipe/data.js';
import { dumpRegular, pathFileOf } from '../regular/dump.js';

const dumped = stateKey('FIFOs whose content is dumped', (_: DumpContext): Set<number> => new Set<number>());

export const fifo: FileKind = {
  name: 'fifo',
  type: FdTypes.FIFO,
  matches: (file) => file.mode === S_IFIFO && file.fsType !== FsMagic.PIPE,
  dump(ctx, _task, file, id) {
    const regfId = ctx.files.newId();
    dumpRegular(ctx, regfId, pathFileOf(file));
    const done = ctx.states.get(dumped);
    dumpPipeData(ctx, 'FIFO_DATA', done, file);
    return { fifo: { id, pipe_id: pipeIdOf(file), regf_id: regfId } };
  },
};
