import type { DumpContext } from '../../../engine/dump-context.js';
import { stateKey } from '../../../states.js';
import type { FileDump } from '../kind.js';
import { FsMagic, S_IFIFO } from '../open-file.js';
import { dumpPipeData, pipeIdOf } from './data.js';

const dumped = stateKey('pipes whose content is dumped', (_: DumpContext): Set<number> => new Set<number>());

export const pipeDump: FileDump = {
  matches: (file) => file.mode === S_IFIFO && file.fsType === FsMagic.PIPE,
  dump(ctx, _task, file, id) {
    const done = ctx.states.get(dumped);
    dumpPipeData(ctx, 'PIPES_DATA', done, file);
    return { pipe: { id, pipe_id: pipeIdOf(file), flags: file.flags, fown: file.fown } };
  },
};
