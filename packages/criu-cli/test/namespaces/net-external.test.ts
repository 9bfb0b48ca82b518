// What of a network comes from outside: --external net[], netdev[], macvlan[], with the file that an engine passes on.
import { spawnSync } from 'node:child_process';
import { mkdtempSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, it } from 'vitest';
import { cleanUp, scratch } from '../dump/victim.js';
import { hasIp } from './sleeper.js';

afterAll(cleanUp);

const bin = fileURLToPath(new URL('../../bin/criu', import.meta.url));

/** Runs a script in a network namespace of its own, with functions for a task in another: `start`, `inside`, `dump`, `restore`. */
function run(text: string): { status: number | null; stderr: string; lines: string[] } {
  const script = `
    set -e
    start() {
      unshare --net sh -c 'exec setsid sleep 1000 </dev/null >/dev/null 2>&1' & pid=$!
      trap 'kill -9 $pid 2>/dev/null || :' EXIT
      until [ "$(cat /proc/$pid/comm)" = sleep ]; do sleep 0.02; done
    }
    inside() { nsenter --net=/proc/$pid/ns/net "$@"; }
    dump() { mkdir images; "${bin}" dump -t $pid -D images "$@"; wait $pid || :; }
    restore() { "${bin}" restore -d -D images "$@"; }
    ${text}`;
  const { status, stdout, stderr } = spawnSync('unshare', ['--net', 'sh', '-c', script], {
    cwd: mkdtempSync(join(scratch(), 'net-')),
    encoding: 'utf8',
    timeout: 60_000,
  });
  return { status, stderr, lines: stdout.split('\n').filter((line) => line !== '') };
}

describe.skipIf(!hasIp)('networks from outside (need root and ip)', () => {
  it('--external net[INODE]:KEY leaves the namespace alone, and a restore enters the one that is passed on', () => {
    expect(
      run(`
        start
        inside ip link add kept type bridge
        exec 8</proc/$pid/ns/net
        own=$(readlink /proc/$pid/ns/net); inode=\${own#net:[}; inode=\${inode%]}
        dump --external "net[$inode]:extRootNetNS"
        [ ! -e images/netdev-*.img ] 2>/dev/null || ls images/netdev-*.img
        restore --inherit-fd 'fd[8]:extRootNetNS'
        [ "$(readlink /proc/$pid/ns/net)" = "$own" ] && echo same
        inside ip -o link show kept | grep -o 'kept'
        kill -9 $pid; while [ -e /proc/$pid ]; do sleep 0.02; done
        "${bin}" restore -d -D images 2>&1 | grep -o 'inherit-fd' | head -1`),
    ).toEqual({
      status: 0,
      stderr: '',
      lines: ['same', 'kept', 'inherit-fd'],
    });
  });

  it('--external netdev[NAME]:DEVICE moves a device of the caller there, under the old name and number', () => {
    expect(
      run(`
        start
        ip link add outer type veth peer name e0 netns $pid
        inside ip link set e0 mtu 1400 up
        inside ip addr add 10.5.0.2/24 dev e0
        was=$(inside cat /proc/thread-self/net/dev_mcast | awk '$2 == "e0" { print $1; exit }')
        dump --external 'netdev[e0]'
        ip link del outer 2>/dev/null || :
        ip link add outer type veth peer name given
        restore --external 'netdev[e0]:given'
        inside ip -o -4 addr show dev e0 | grep -o '10.5.0.2/24'
        inside ip -o link show e0 | grep -o 'mtu 1400'
        [ "$(inside cat /proc/thread-self/net/dev_mcast | awk '$2 == "e0" { print $1; exit }')" = "$was" ] && echo number`),
    ).toEqual({ status: 0, stderr: '', lines: ['10.5.0.2/24', 'mtu 1400', 'number'] });
  });

  it('--external macvlan[NAME]:DEVICE puts it on another lower device', () => {
    const { status, stderr, lines } = run(`
        ip link add lower type veth peer name far
        start
        ip link add link lower mv0 type macvlan mode bridge || { echo none; exit 0; }
        ip link set mv0 netns $pid
        inside ip link set mv0 up
        dump --external 'macvlan[mv0]'
        ip link add other type veth peer name far2
        restore --external 'macvlan[mv0]:other'
        inside ip -d -o link show mv0 | grep -o 'macvlan mode bridge'
        at=$(ip -o link show other | cut -d: -f1)
        inside ip -o link show mv0 | grep -o "mv0@if$at"`);
    // Not every kernel has that kind.
    if (lines[0] === 'none') return;
    expect({ status, stderr, lines }).toEqual({
      status: 0,
      stderr: '',
      lines: ['macvlan mode bridge', expect.stringMatching(/^mv0@if\d+$/)],
    });
  });
});
