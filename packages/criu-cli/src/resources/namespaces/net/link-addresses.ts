// Link-layer multicast addresses added by users (ip-maddress(8)); all others in a device's list are added by protocols.
import type { Program } from '@criu/compel';
import { AF_INET, IFNAMSIZ, ifreq, SIOCADDMULTI, SOCK_DGRAM, sockaddr } from '@criu/native/uapi';
import { CriuError } from '../../../errors.js';
import type { NetlinkObject } from '../../../images/types.js';
import type { Namespace } from '../../../views/namespaces.js';
import { networkText } from '../../../views/networks.js';

/** Object type in images for such an address; netlink types are lower numbers. Its body: device name and address. */
const OBJECT = 0x10001;
/** In struct ifreq a struct sockaddr is behind the name: a family, which has to be 0, and an address. */
const ADDRESS_AT = ifreq.ifr_hwaddr + sockaddr.sa_data;
const MOST = sockaddr.sizeof - sockaddr.sa_data;

/** A line of dev_mcast: `index name users global address` (net/core/net-procfs.c). */
const LINE = /^\d+\s+(\S+)\s+\d+\s+([1-9]\d*)\s+([0-9a-f]+)$/;

/** Lists the link-layer multicast groups of a namespace. @throws ProcError, CriuError */
export function listGroups(namespace: Namespace): NetlinkObject[] {
  return networkText(namespace, 'dev_mcast')
    .split('\n')
    .flatMap((line) => {
      const [, name, , digits] = LINE.exec(line.trim()) ?? [];
      if (name === undefined || digits === undefined) return [];
      const body = Buffer.concat([Buffer.alloc(IFNAMSIZ), Buffer.from(digits, 'hex')]);
      body.write(name, 'latin1');
      return [{ type: OBJECT, body }];
    });
}

/** Adds them, when devices have their names. @throws CriuError for an invalid address */
export function makeGroups(p: () => Program, objects: readonly NetlinkObject[]): void {
  for (const { type, body } of objects) {
    if (type !== OBJECT) continue;
    const address = body.subarray(IFNAMSIZ);
    const name = Buffer.from(body.subarray(0, IFNAMSIZ));
    const device = name.toString('latin1', 0, Math.max(0, name.indexOf(0)));
    if (device === '' || address.length === 0 || address.length > MOST)
      throw new CriuError('BAD_IMAGE', 'an address of the link layer has no device, or is none');
    const request = Buffer.alloc(ifreq.sizeof);
    name.copy(request);
    request.set(address, ADDRESS_AT);
    const program = p();
    const socket = program.syscall('socket', [AF_INET, SOCK_DGRAM, 0]);
    program.syscall('ioctl', [socket, SIOCADDMULTI, program.data(request)], {
      label: `address ${Buffer.from(address).toString('hex')} of device ${device}`,
    });
    program.syscall('close', [socket]);
  }
}
