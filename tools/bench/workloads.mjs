// The rows of the bench: what is dumped and restored, which way it is asked for, and how often.

import { readFileSync } from 'node:fs';

const limits = readFileSync('/proc/self/limits', 'utf8');
const limit = Number(/^Max open files\s+\d+\s+(\d+)/m.exec(limits)?.[1] ?? 1024);
/** Descriptors that a process may have here and be restored: while it is, it has up to two and a half times as many. */
const files = Math.floor(limit / 2.6 / 1000) * 1000 || Math.floor(limit / 2.6);

/**
 * Ways of asking: a command of its own (`cold`), `criu service` (`service`), and the API in a process that has dumped and
 * restored before (`api`), beside which CRIU is a command, as it has none. A row that is `rooted` has mounts, which are
 * restored below another root.
 */
export const WORKLOADS = [
  { name: 'small', size: {}, runs: 15, ways: ['cold', 'service', 'api'] },
  { name: '16 MiB', size: { mib: 16 }, runs: 15, ways: ['cold', 'service', 'api'] },
  { name: '1 GiB', size: { mib: 1024 }, runs: 5, ways: ['cold'] },
  { name: '4 GiB', size: { mib: 4096 }, runs: 3, ways: ['cold'] },
  { name: '10 tasks of 200 MiB', size: { tasks: 10, each: 200 }, runs: 3, ways: ['cold'] },
  { name: '1 GiB, shared', size: { shared: 1024 }, runs: 5, ways: ['cold'] },
  { name: '64 GiB mapped, 100 MiB touched', size: { mapped: 65_536 }, runs: 3, ways: ['cold'] },
  { name: '16 MiB, 200 threads', size: { mib: 16, threads: 200 }, runs: 7, ways: ['cold'] },
  { name: '1,000 threads', size: { threads: 1000 }, runs: 5, ways: ['cold'] },
  { name: '100 tasks, 20 descriptors each', size: { tasks: 99, fds: 20 }, runs: 5, ways: ['cold'] },
  { name: '1,000 tasks', size: { tasks: 999 }, runs: 3, ways: ['cold'] },
  { name: '10,000 VMAs', size: { vmas: 10_000 }, runs: 5, ways: ['cold'] },
  { name: '2,000 descriptors', size: { fds: 2000 }, runs: 7, ways: ['cold'] },
  many('descriptors', 'fds', 50_000, 3),
  { name: '2,000 sockets', size: { sockets: 2000 }, runs: 5, ways: ['cold'] },
  {
    name: '500 mounts in 5 namespaces',
    size: { mounts: 100, namespaces: 5 },
    runs: 7,
    ways: ['cold'],
    rooted: true,
  },
  { name: '20 links, 200 routes', size: { links: 20, routes: 200 }, runs: 7, ways: ['cold'] },
];

/** As many of them as this machine permits. */
function many(what, key, wanted, runs) {
  const count = Math.min(wanted, files - (files % 4));
  return { name: `${count.toLocaleString('en')} ${what}`, size: { [key]: count }, runs, ways: ['cold'] };
}
