// unix(7): pairs, connections, listening and datagram sockets, with their queues.
import { FdTypes } from '@criu/images';
import { fileKind } from '../kind.js';
import { unixDump } from './dump.js';
import { unixRestore } from './restore.js';

export const unix = fileKind({
  name: 'unix',
  type: FdTypes.UNIXSK,
  field: 'usk',
  dump: unixDump,
  restore: unixRestore,
});
