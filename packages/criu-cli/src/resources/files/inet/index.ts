// Internet sockets: tcp(7), udp(7), raw(7) and icmp(7).
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
