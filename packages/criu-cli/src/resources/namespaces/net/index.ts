// Network namespaces: devices, addresses, routes, rules, sysctls, packet filters.
import { namespaceKind } from '../kind.js';
import { netDump } from './dump.js';
import { netRestore } from './restore.js';

export const net = namespaceKind({ name: 'net', several: true, dump: netDump, restore: netRestore });
