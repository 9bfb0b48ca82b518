// A TCP connection in a restore (--tcp-established): made by the brain in repair mode, it goes on when all tasks do.
import { close, sys } from '@criu/native';
import { freshSocket, restoreTcp, resume, type TcpState } from '@criu/soccr';
import { fromImages, tcpStreamFile } from '@criu/soccr/image';
import type { PlanContext, Slot } from '../../../engine/plan.js';
import { CriuError } from '../../../errors.js';
import type { InetSkEntry } from '../../../images/types.js';
import { stateKey } from '../../../states.js';
import { F_DUPFD_CLOEXEC } from '../common.js';
import { unlockConnections } from './lock.js';

const connections = stateKey('TCP connections', (ctx: PlanContext): InetSkEntry[] => {
  const list: InetSkEntry[] = [];
  // All at once, before the first goes on: two of them may be each other's peers.
  ctx.beforeGo('unlock the network', () => unlockConnections(ctx.checkpoint, list));
  return list;
});

/** A slot with the restored socket, still in repair mode. @throws CriuError for images that do not fit */
export function connectionSlot(ctx: PlanContext, socket: InetSkEntry): Slot {
  const image = tcpStreamFile(socket.ino);
  const [stream] = ctx.checkpoint.items('TCP_STREAM', image);
  if (!stream) throw new CriuError('BAD_IMAGE', 'the image has no entry', { file: image });
  let state: TcpState;
  try {
    state = fromImages(socket, stream);
  } catch (error) {
    throw new CriuError(
      'BAD_IMAGE',
      `internet socket ${socket.id}: not a connection`,
      { file: image },
      undefined,
      error,
    );
  }
  ctx.states.get(connections).push(socket);
  /** Our own, beside the one that the task takes; -1 when there is none. */
  let own = -1;
  const drop = () => {
    if (own >= 0) close(own);
    own = -1;
  };
  const slot = ctx.openSlot(`TCP connection ${socket.id}`, () => {
    const made = freshSocket(state.family);
    try {
      restoreTcp(made, state);
      own = sys('fcntl', made, F_DUPFD_CLOEXEC, 0);
    } catch (error) {
      close(made);
      throw new CriuError(
        'SYSCALL',
        `cannot restore TCP connection ${socket.id}`,
        { file: image },
        undefined,
        error,
      );
    }
    return made;
  });
  ctx.beforeGo(`resume TCP connection ${socket.id}`, () => {
    resume(own, state.options);
    drop();
  });
  // In repair mode it goes without a word to the peer.
  ctx.cleanup(`drop TCP connection ${socket.id}`, drop);
  return slot;
}
