// netlink(7): protocol, address and groups.
import { FdTypes } from '@criu/images';
import { fileKind } from '../kind.js';
import { netlinkDump } from './dump.js';
import { netlinkRestore } from './restore.js';

export const netlink = fileKind({
  name: 'netlink',
  type: FdTypes.NETLINKSK,
  field: 'nlsk',
  dump: netlinkDump,
  restore: netlinkRestore,
});
