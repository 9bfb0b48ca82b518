// tun(4): the device to which a descriptor is attached. The device itself belongs to the network namespace.
import { FdTypes } from '@criu/images';
import { fileKind } from '../kind.js';
import { tunDump } from './dump.js';
import { tunRestore } from './restore.js';

export const tun = fileKind({
  name: 'tun',
  type: FdTypes.TUNF,
  field: 'tunf',
  dump: tunDump,
  restore: tunRestore,
});
