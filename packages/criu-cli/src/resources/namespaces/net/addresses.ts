// Addresses of the devices of a network namespace (rtnetlink).

import {
  Attributes,
  addressHeader,
  encodeAttributes,
  type Message,
  type NamedRequest,
  NetlinkError,
  type NetlinkSocket,
  routeMessage,
  u32,
} from '@criu/native/netlink';
import {
  AF_INET6,
  EADDRNOTAVAIL,
  EEXIST,
  IFA_ADDRESS,
  IFA_F_DADFAILED,
  IFA_F_NODAD,
  IFA_F_TENTATIVE,
  IFA_FLAGS,
  ifaddrmsg,
  NLM_F_CREATE,
  NLM_F_EXCL,
  NLM_F_REPLACE,
  RT_SCOPE_LINK,
  RTM_DELADDR,
  RTM_GETADDR,
  RTM_NEWADDR,
} from '@criu/native/uapi';

/** Index of the loopback device. */
const LOOPBACK = 1;

interface Wanted {
  readonly flags: number;
  /** A request that creates the address, or changes an existing one, with other flags. */
  message(flags: number, how: number): Message;
}

/** Retries, since the kernel may add an address automatically whenever a device becomes ready. */
const TRIES = 10;

function wanted({ body }: Message): Wanted {
  const attributes = Attributes.parse(Buffer.from(body.subarray(ifaddrmsg.sizeof)), 'address');
  const flags = attributes.u32(IFA_FLAGS) ?? body[ifaddrmsg.ifa_flags] ?? 0;
  const kept = attributes.entries.filter(([type]) => type !== IFA_FLAGS);
  return {
    flags: flags & ~IFA_F_DADFAILED,
    message: (now, how) => ({
      type: RTM_NEWADDR,
      flags: how,
      body: Buffer.concat([
        body.subarray(0, ifaddrmsg.ifa_flags),
        Buffer.from([now & 0xff]),
        body.subarray(ifaddrmsg.ifa_flags + 1, ifaddrmsg.sizeof),
        encodeAttributes([...kept, [IFA_FLAGS, u32(now)]]),
      ]),
    }),
  };
}

/** A key of family, device and address. */
function key(body: Uint8Array): string {
  const bytes = Buffer.from(body);
  const address = Attributes.parse(bytes.subarray(ifaddrmsg.sizeof), 'address').bytes(IFA_ADDRESS);
  return `${bytes[ifaddrmsg.ifa_family]} ${bytes.readUInt32LE(ifaddrmsg.ifa_index)} ${address?.toString('hex')}`;
}

/**
 * Removes addresses that the kernel has added when devices went up: link-local IPv6 addresses, and all of the loopback
 * device, where 127.0.0.1 comes first even if it is not wanted.
 * @returns keys of the addresses that may stay
 */
function removeAutomatic(
  socket: NetlinkSocket,
  devices: ReadonlySet<number>,
  wanted: ReadonlySet<string>,
): ReadonlySet<string> {
  const list = routeMessage(RTM_GETADDR, 0, addressHeader({ family: 0 }));
  const kept = new Set<string>();
  const removed: NamedRequest[] = [];
  for (const { body } of socket.dump(list, 'list addresses')) {
    const index = body.readUInt32LE(ifaddrmsg.ifa_index);
    const automatic =
      index === LOOPBACK ||
      (body[ifaddrmsg.ifa_family] === AF_INET6 && body[ifaddrmsg.ifa_scope] === RT_SCOPE_LINK);
    if (!devices.has(index) || !automatic) continue;
    // Removed and added again, an IPv6 address would get a route of its own.
    if (index === LOOPBACK && body[ifaddrmsg.ifa_family] === AF_INET6 && wanted.has(key(body)))
      kept.add(key(body));
    else removed.push({ type: RTM_DELADDR, flags: 0, body, what: 'remove an address' });
  }
  socket.all(removed);
  return kept;
}

/**
 * Replaces an address that the kernel has added automatically, which may happen at any moment. The kernel's is subject
 * to duplicate address detection, so it is replaced by one that is not tentative.
 */
function makeAgain(socket: NetlinkSocket, { flags, message }: Wanted, body: Uint8Array): void {
  for (let left = TRIES; ; left--) {
    try {
      socket.request({ type: RTM_DELADDR, flags: 0, body }, 'remove an address');
    } catch (error) {
      // It was removed meanwhile.
      if (!(error instanceof NetlinkError && error.errno === EADDRNOTAVAIL)) throw error;
    }
    try {
      socket.request(message(flags | IFA_F_NODAD, NLM_F_CREATE | NLM_F_EXCL), 'address');
      return;
    } catch (error) {
      if (!(error instanceof NetlinkError && error.errno === EEXIST) || left === 0) throw error;
    }
  }
}

/**
 * Adds the addresses of devices, which are up. IPv6 addresses that were valid before can be used at once, without
 * another duplicate address detection (RFC 4862, 5.4).
 * @param devices indexes of the restored devices
 * @throws NetlinkError
 */
export function makeAddresses(
  socket: NetlinkSocket,
  addresses: readonly Message[],
  devices: ReadonlySet<number>,
): void {
  const there = removeAutomatic(socket, devices, new Set(addresses.map(({ body }) => key(body))));
  // The kernel lists a new IPv6 address before those of the same scope, so they are added in reverse order.
  const inOrder = [
    ...addresses.filter(({ body }) => body[ifaddrmsg.ifa_family] !== AF_INET6),
    ...addresses.filter(({ body }) => body[ifaddrmsg.ifa_family] === AF_INET6).reverse(),
  ];
  const all = inOrder
    .filter(({ body }) => !there.has(key(body)))
    .map((one) => ({ ...wanted(one), body: one.body }));
  const isSettled = ({ flags, body }: (typeof all)[number]) =>
    body[ifaddrmsg.ifa_family] === AF_INET6 && !(flags & IFA_F_TENTATIVE);
  // Addresses of a device with the same prefix are ordered: the first one is the primary address.
  const outcomes = socket.each(
    all.map((one): NamedRequest => {
      const message = isSettled(one)
        ? one.message(one.flags | IFA_F_NODAD, NLM_F_CREATE | NLM_F_EXCL)
        : one.message(one.flags & ~IFA_F_TENTATIVE, NLM_F_CREATE | NLM_F_REPLACE);
      return { ...message, what: `address ${key(one.body)}` };
    }),
  );
  for (const [i, one] of all.entries()) {
    const error = outcomes[i];
    if (!error) continue;
    if (!isSettled(one) || error.errno !== EEXIST) throw error;
    makeAgain(socket, one, one.body);
  }
  // Clearing IFA_F_NODAD later does not make the address tentative.
  const flagged = all.filter((one) => isSettled(one) && !(one.flags & IFA_F_NODAD));
  socket.all(
    flagged.map((one) => ({
      ...one.message(one.flags, NLM_F_CREATE | NLM_F_REPLACE),
      what: `address ${key(one.body)}`,
    })),
  );
}
