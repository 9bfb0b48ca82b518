// tcp(7) that is not connected, udp(7), raw(7) and icmp(7): address, options and, for a listening one, its backlog.
import { FdTypes } from '@criu/images';
import { fileKind } from '../kind.js';
import { inetDump } from './dump.js';
import { inetRestore } from './restore.js';

export const inet = fileKind({
  name: 'internet socket',
  type: FdTypes.INETSK,
  field: 'isk',
  dump: inetDump,
  restore: inetRestore,
});
