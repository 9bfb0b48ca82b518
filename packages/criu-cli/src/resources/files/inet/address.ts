// Addresses of internet sockets as the kernel takes and gives them: struct sockaddr_in and sockaddr_in6 (ip(7), ipv6(7)).
import { AF_INET6, sockaddr_in, sockaddr_in6 } from '@criu/native/uapi';

/** Where port and address are in the structure of a family, and how many bytes there are of both. */
export interface AddressLayout {
  readonly sizeof: number;
  readonly port: number;
  readonly address: number;
  readonly length: 4 | 16;
}

const V4: AddressLayout = {
  sizeof: sockaddr_in.sizeof,
  port: sockaddr_in.sin_port,
  address: sockaddr_in.sin_addr,
  length: 4,
};
const V6: AddressLayout = {
  sizeof: sockaddr_in6.sizeof,
  port: sockaddr_in6.sin6_port,
  address: sockaddr_in6.sin6_addr,
  length: 16,
};

export function addressLayout(family: number): AddressLayout {
  return family === AF_INET6 ? V6 : V4;
}

/** The structure of an address in network order. */
export function socketAddress(family: number, address: Uint8Array, port = 0): Buffer {
  const layout = addressLayout(family);
  const bytes = Buffer.alloc(layout.sizeof);
  bytes.writeUInt16LE(family, sockaddr_in.sin_family);
  bytes.writeUInt16BE(port, layout.port);
  bytes.set(address, layout.address);
  return bytes;
}

/** The address in such a structure. */
export function addressIn(family: number, bytes: Buffer): Buffer {
  const { address, length } = addressLayout(family);
  return bytes.subarray(address, address + length);
}

/** An address as words of an image, which lie in memory as it does. */
export function addressOfWords(family: number, words: readonly number[]): Buffer {
  const bytes = Buffer.alloc(addressLayout(family).length);
  for (let i = 0; i * 4 < bytes.length; i++) bytes.writeUInt32LE((words[i] ?? 0) >>> 0, i * 4);
  return bytes;
}

/** The words that an image has for an address. */
export function wordsOfAddress(address: Buffer): number[] {
  return Array.from({ length: address.length / 4 }, (_, i) => address.readUInt32LE(i * 4));
}
