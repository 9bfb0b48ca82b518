// The supported kinds of namespace, in the order in which the root task handles them.
import { cgroup } from './cgroup/index.js';
import { ipc } from './ipc/index.js';
import type { NamespaceKind } from './kind.js';
import { mnt } from './mnt/index.js';
import { net } from './net/index.js';
import { pid } from './pid/index.js';
import { time } from './time/index.js';
import { user } from './user/index.js';
import { uts } from './uts/index.js';

export const namespaceKinds: readonly NamespaceKind[] = [user, pid, time, uts, ipc, net, cgroup, mnt];
