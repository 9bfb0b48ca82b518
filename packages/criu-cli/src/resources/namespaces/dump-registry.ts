// The kinds of namespace that can be dumped when they are not the dumper's.
import type { NamespaceDump } from './dump-kind.js';
import { ipcDump } from './ipc/dump.js';
import { pidDump } from './pid/dump.js';
import { timeDump } from './time/dump.js';
import { utsDump } from './uts/dump.js';

export const namespaceDumps: readonly NamespaceDump[] = [pidDump, utsDump, ipcDump, timeDump];
