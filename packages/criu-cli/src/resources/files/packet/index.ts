// packet(7): device, options, memberships and rings.
import { FdTypes } from '@criu/images';
import { fileKind } from '../kind.js';
import { packetDump } from './dump.js';
import { packetRestore } from './restore.js';

export const packet = fileKind({
  name: 'packet',
  type: FdTypes.PACKETSK,
  field: 'psk',
  dump: packetDump,
  restore: packetRestore,
});
