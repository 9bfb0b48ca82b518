// fifo(7): an end of a named pipe is described by its path and by the pipe behind it.

import type { DumpContext } from '../../../engine/dump-context.js';
import { stateKey } from '../../../states.js';
import type { FileDump } from '../kind.js';
import { FsMagic, S_IFIFO } from '../open-file.js';
import { dumpPipeData, pipeIdOf } from '../pipe/data.js';
import { dumpRegular, pathFileOf } from '../regular/dump.js';
import { openFiles } from '../table.js';

const dumped = stateKey('FIFOs whose content is dumped', (_: DumpContext): Set<number> => new Set<number>());

export const fifoDump: FileDump = {
  matches: (file) => file.mode === S_IFIFO && file.fsType !== FsMagic.PIPE,
  dump(ctx, _task, file, id) {
    const regfId = openFiles(ctx).newId();
    dumpRegular(ctx, regfId, pathFileOf(file));
    const done = ctx.states.get(dumped);
    dumpPipeData(ctx, 'FIFO_DATA', done, file);
    return { fifo: { id, pipe_id: pipeIdOf(file), regf_id: regfId } };
  },
};
