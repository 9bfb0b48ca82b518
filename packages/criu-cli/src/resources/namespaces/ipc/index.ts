// IPC namespaces: objects, their contents, and sysctls.
import { namespaceKind } from '../kind.js';
import { ipcDump } from './dump.js';
import { ipcRestore } from './restore.js';

export const ipc = namespaceKind({ name: 'ipc', dump: ipcDump, restore: ipcRestore });
