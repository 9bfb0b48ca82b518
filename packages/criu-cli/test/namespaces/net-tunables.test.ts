// Tunables of devices (/proc/sys/net/*/conf, neigh): only the files of devices that differ are read, and each device has its own
// values again. A namespace without packet filters has its lock alone in its images.
import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { dump, restore } from '../../src/operations.js';
import { cleanUp } from '../dump/victim.js';
import { freshDir } from '../support.js';
import { free } from './cycle.js';
import { hasIp, sleeper } from './sleeper.js';

afterAll(cleanUp);

const PAIRS = 4;

/** Values that only one device of several has; `ra_honor_pio_life` and others are not among those that netlink lists. */
const SET = [
  'ipv4/conf/a0/rp_filter=2',
  'ipv4/conf/b1/arp_announce=1',
  'ipv6/conf/a1/accept_ra=0',
  'ipv6/conf/b2/router_solicitation_interval=9',
  'ipv6/conf/a2/stable_secret=2001:db8::77',
  'ipv6/conf/b3/ra_honor_pio_life=1',
  'ipv6/conf/a3/regen_min_advance=7',
  'ipv6/conf/b0/disable_policy=1',
  'ipv6/conf/a0/mtu=1300',
  'ipv4/neigh/a2/ucast_solicit=7',
  'ipv6/neigh/b1/retrans_time_ms=1500',
  'ipv4/neigh/lo/locktime=33',
  'ipv4/conf/all/log_martians=1',
];

describe.skipIf(!hasIp)('tunables of devices (needs root and ip)', () => {
  const task = sleeper();
  const inside = (command: string) => task.inside('sh', '-c', command);
  /** All tunables of devices, as lines with their paths. */
  const all = () =>
    inside('cd /proc/sys/net; grep -rs "" ipv4/conf ipv6/conf ipv4/neigh ipv6/neigh | sort')
      .stdout.split('\n')
      // Lists of what the kernel counts, or a time that it has drawn.
      .filter((line) => !line.includes('/base_reachable_time:'));

  it('are restored one by one, though most devices are alike', async () => {
    for (let i = 0; i < PAIRS; i++)
      inside(`ip link add a${i} type veth peer name b${i}; ip link set a${i} up; ip link set b${i} up`);
    const done = SET.filter((one) => {
      const [path, value] = one.split('=');
      return inside(`echo ${value} > /proc/sys/net/${path}`).status === 0;
    });
    // Newer kernels have more of them.
    expect(done.length).toBeGreaterThan(SET.length - 4);
    const before = all();
    for (let i = 0; i < 2; i++) {
      const imagesDir = freshDir();
      await dump({ pid: task.pid, imagesDir });
      await free([task.pid]);
      await restore({ imagesDir, detached: true });
      expect(all()).toEqual(before);
    }
  });

  it.skipIf(spawnSync('nft', ['-v']).status !== 0)(
    'have no image of packet filters beside them but the lock, as nft prints it: CRIU restores under that',
    async () => {
      const imagesDir = freshDir();
      await dump({ pid: task.pid, imagesDir, leaveRunning: true });
      expect(readdirSync(imagesDir).filter((name) => /iptables|netns-ct/.test(name))).toEqual([]);
      const name = readdirSync(imagesDir).find((one) => one.startsWith('nftables-')) ?? '';
      const text = readFileSync(join(imagesDir, name), 'latin1').replace(/\0+$/, '');
      writeFileSync(join(imagesDir, 'rules'), text);
      expect(inside(`nft -f ${join(imagesDir, 'rules')} && nft list ruleset`).stdout).toBe(text);
    },
  );
});
