// A netlink socket (netlink(7)): single requests, lists, transactions, and many requests in one datagram.
import { close as closeLater } from 'node:fs';
import { socketIn } from '../socket-in.js';
import { close, sys, sysRaw } from '../sys.js';
import {
  AF_NETLINK,
  EAGAIN,
  EINTR,
  EMSGSIZE,
  ETIMEDOUT,
  MSG_DONTWAIT,
  MSG_TRUNC,
  NETLINK_CAP_ACK,
  NETLINK_EXT_ACK,
  NETLINK_GET_STRICT_CHK,
  NLM_F_ACK,
  NLM_F_DUMP,
  NLM_F_DUMP_INTR,
  NLMSG_DONE,
  NLMSG_ERROR,
  NLMSG_NOOP,
  nlmsghdr,
  SO_RCVBUFFORCE,
  SO_RCVTIMEO,
  SO_SNDBUFFORCE,
  SOCK_CLOEXEC,
  SOCK_RAW,
  SOL_NETLINK,
  SOL_SOCKET,
  sockaddr_nl,
  timeval,
} from '../uapi.generated.js';
import { NetlinkError } from './errors.js';
import {
  decodeMessages,
  decodeOutcome,
  encodeMessage,
  encodeMessages,
  type Message,
  type ReceivedMessage,
} from './message.js';

/**
 * Extended error messages, and lists filtered by the kernel. Linux has them since 4.12 and 4.20; before, an error is
 * only a number.
 */
const OPTIONS = [NETLINK_CAP_ACK, NETLINK_EXT_ACK, NETLINK_GET_STRICT_CHK] as const;

/** The kernel answers while the request is being sent. The limit keeps a missing answer from blocking forever. */
const PATIENCE_MS = 10_000;
/** Bytes for the socket buffers: a transaction of thousands of elements is one datagram. */
const SOCKET_BYTES = 4 << 20;
/** Limit for one datagram in bytes, far above the kernel's sizes: lists come in parts of up to 32 KiB. */
const MAX_DATAGRAM = 1 << 20;
/** Limit for all datagrams of one answer, in bytes. */
const MAX_ANSWER = 512 << 20;
/** Limit in bytes for requests that are sent in one datagram. */
const TOGETHER = 64 << 10;
/** Bytes for the answer to a request that is no dump: an errno, the header of the request, a message. */
const ONE_ANSWER = 16 << 10;
/** How many times a list is requested again because it changed meanwhile (NLM_F_DUMP_INTR). */
const MAX_TRIES = 16;

/**
 * Room for any datagram, from which each is copied out at once: its length need not be asked for before, and the kernel
 * makes the parts of a list as long as the room that they have. Memory that no datagram reaches is never touched.
 */
let scratch: Buffer | undefined;

function word(value: number): Uint8Array {
  return new Uint8Array(new Int32Array([value]).buffer);
}

/** A request that changes something, with a name for error messages. */
export interface NamedRequest extends Message {
  readonly what: string;
}

/**
 * One netlink socket, which belongs to the network namespace in which it was created. Calls block until the kernel has
 * answered, which is immediate.
 */
export class NetlinkSocket {
  private seq = 0;

  private constructor(readonly fd: number) {}

  /**
   * Opens a socket.
   * @param protocol one of {@link NETLINK}
   * @param netns descriptor of its network namespace, default: that of the calling thread
   * @throws SysError EPERM (CAP_SYS_ADMIN for another namespace), EPROTONOSUPPORT …
   */
  static open(protocol: number, netns?: number): NetlinkSocket {
    const type = SOCK_RAW | SOCK_CLOEXEC;
    const fd =
      netns === undefined
        ? sys('socket', AF_NETLINK, type, protocol)
        : socketIn(netns, AF_NETLINK, type, protocol);
    try {
      const address = new Uint8Array(sockaddr_nl.sizeof);
      address[sockaddr_nl.nl_family] = AF_NETLINK;
      sys('bind', fd, address, address.length);
      return NetlinkSocket.adopt(fd);
    } catch (error) {
      close(fd);
      throw error;
    }
  }

  /**
   * Takes over a socket that exists already, for example one that a process in another namespace has opened.
   * @param patienceMs limit in ms for the kernel's answer
   * @throws SysError if `fd` is no socket
   */
  static adopt(fd: number, patienceMs = PATIENCE_MS): NetlinkSocket {
    const time = new BigInt64Array([
      BigInt(Math.floor(patienceMs / 1000)),
      BigInt((patienceMs % 1000) * 1000),
    ]);
    sys('setsockopt', fd, SOL_SOCKET, SO_RCVTIMEO, new Uint8Array(time.buffer), timeval.sizeof);
    // SO_*BUFFORCE need CAP_NET_ADMIN; without it the default size must suffice.
    for (const name of [SO_SNDBUFFORCE, SO_RCVBUFFORCE])
      sysRaw('setsockopt', fd, SOL_SOCKET, name, word(SOCKET_BYTES), 4);
    for (const name of OPTIONS) sysRaw('setsockopt', fd, SOL_NETLINK, name, word(1), 4);
    return new NetlinkSocket(fd);
  }

  /** Closes in the background: close(2) waits for the release of deleted rules, about 10 ms. */
  close(): void {
    closeLater(this.fd, () => {});
  }

  [Symbol.dispose](): void {
    this.close();
  }

  /**
   * Sends one request. Returns the messages that precede its acknowledgement.
   * @param what name in error messages: "list rules", "nftables lock"
   * @throws NetlinkError with the kernel's error, NetlinkFormatError
   */
  request(message: Message, what: string): ReceivedMessage[] {
    return this.transact([{ ...message, flags: message.flags | NLM_F_ACK }], what);
  }

  /**
   * Requests a list and returns all messages of the answer. The request is repeated if the list changed meanwhile.
   * @throws NetlinkError with the kernel's error, EAGAIN if the list changed at each try
   */
  dump(message: Message, what: string): ReceivedMessage[] {
    for (let tries = 0; tries < MAX_TRIES; tries++) {
      const all = this.exchange([{ ...message, flags: message.flags | NLM_F_DUMP }], what, 0);
      if (!all.some(({ flags }) => flags & NLM_F_DUMP_INTR))
        return all.filter(({ type }) => type !== NLMSG_DONE);
    }
    throw new NetlinkError(what, EAGAIN, { text: 'it changed each time while it was read' });
  }

  /**
   * Sends several messages in one datagram, such as a transaction of nftables. The last message with NLM_F_ACK ends the
   * answer, or the first one that fails.
   * @throws NetlinkError
   */
  transact(messages: readonly Message[], what: string): ReceivedMessage[] {
    const waited = messages.findLastIndex(({ flags }) => flags & NLM_F_ACK);
    if (waited < 0) throw new RangeError(`${what}: no message asks for an answer`);
    return this.exchange(messages, what, waited);
  }

  /**
   * Sends many independent requests, some hundred in one datagram. The kernel handles them in order and continues after
   * a failure. It acknowledges only failures and the last request of a datagram.
   * @returns for each request the kernel's error, or undefined for success
   * @throws NetlinkError if the socket itself fails, NetlinkFormatError
   */
  each(requests: readonly NamedRequest[]): (NetlinkError | undefined)[] {
    const outcomes = new Array<NetlinkError | undefined>(requests.length).fill(undefined);
    const room = Buffer.allocUnsafe(ONE_ANSWER);
    for (let at = 0; at < requests.length; ) {
      const begin = at;
      const first = this.seq + 1;
      const encoded: Buffer[] = [];
      for (let bytes = 0; at < requests.length && bytes < TOGETHER; at++) {
        const message = encodeMessage(requests[at] as NamedRequest, first + encoded.length);
        bytes += message.length;
        encoded.push(message);
      }
      const last = encoded.length - 1;
      const what = requests[begin]?.what ?? 'requests';
      const end = encoded[last];
      end?.writeUInt16LE(end.readUInt16LE(nlmsghdr.nlmsg_flags) | NLM_F_ACK, nlmsghdr.nlmsg_flags);
      this.seq += encoded.length;
      this.send(Buffer.concat(encoded), what);
      for (let done = false; !done; ) {
        const sender = Buffer.alloc(sockaddr_nl.sizeof);
        const got = this.recv(room, 0, what, sender);
        if (sender.readUInt32LE(sockaddr_nl.nl_pid) !== 0) continue;
        for (const message of decodeMessages(room.subarray(0, got))) {
          const of = message.seq - first;
          if (message.type !== NLMSG_ERROR || of < 0 || of > last) continue;
          const { errno, extended } = decodeOutcome(message);
          const request = requests[begin + of];
          if (errno && request) outcomes[begin + of] = new NetlinkError(request.what, errno, extended);
          if (of === last) done = true;
        }
      }
    }
    return outcomes;
  }

  /** As {@link each}, for requests of which none may fail. @throws NetlinkError for the first failure */
  all(requests: readonly NamedRequest[]): void {
    const failed = this.each(requests).find((outcome) => outcome !== undefined);
    if (failed) throw failed;
  }

  /** Sends messages and receives until the acknowledgement of message `waited`. */
  private exchange(messages: readonly Message[], what: string, waited: number): ReceivedMessage[] {
    const first = this.seq + 1;
    this.seq += messages.length;
    this.send(encodeMessages(messages, first), what);
    const answers: ReceivedMessage[] = [];
    for (let bytes = 0; ; ) {
      const datagram = this.receive(what);
      if (!datagram) continue;
      bytes += datagram.length;
      if (bytes > MAX_ANSWER) throw this.failed(what, EMSGSIZE, 'the answer does not come to an end');
      for (const message of decodeMessages(datagram)) {
        const of = message.seq - first;
        // An answer to an older request whose answers were not read to the end.
        if (of < 0 || of >= messages.length) continue;
        if (message.type !== NLMSG_ERROR && message.type !== NLMSG_DONE) {
          if (message.type !== NLMSG_NOOP) answers.push(message);
          continue;
        }
        const { errno, extended } = decodeOutcome(message);
        if (errno) {
          this.drain();
          throw new NetlinkError(what, errno, extended);
        }
        if (message.type === NLMSG_DONE) answers.push(message);
        if (of >= waited) return answers;
      }
    }
  }

  private send(datagram: Buffer, what: string): void {
    for (;;) {
      const sent = sysRaw('sendto', this.fd, datagram, datagram.length, 0, null, 0);
      if (sent === -EINTR) continue;
      if (sent < 0) throw this.failed(what, -sent, 'cannot be sent');
      return;
    }
  }

  /** Receives one datagram; undefined if another process has sent it. @throws NetlinkError */
  private receive(what: string): Buffer | undefined {
    scratch ??= Buffer.allocUnsafeSlow(MAX_DATAGRAM);
    const sender = Buffer.alloc(sockaddr_nl.sizeof);
    const length = this.recv(scratch, MSG_TRUNC, what, sender);
    // Any process can send to a netlink socket. The kernel's port id is 0.
    if (sender.readUInt32LE(sockaddr_nl.nl_pid) !== 0) return undefined;
    if (length > MAX_DATAGRAM) throw this.failed(what, EMSGSIZE, `a datagram has ${length} bytes`);
    return Buffer.from(scratch.subarray(0, length));
  }

  private recv(room: Buffer, flags: number, what: string, sender?: Buffer): number {
    const length = new Uint32Array([sockaddr_nl.sizeof]);
    for (;;) {
      const got = sysRaw(
        'recvfrom',
        this.fd,
        room,
        room.length,
        flags,
        sender ?? null,
        sender ? length : null,
      );
      if (got === -EINTR) continue;
      if (got === -EAGAIN) throw this.failed(what, ETIMEDOUT, 'the kernel does not answer');
      if (got < 0) throw this.failed(what, -got, 'the answer cannot be received');
      return got;
    }
  }

  /** Discards the rest of the answer to a failed request. */
  private drain(): void {
    const byte = Buffer.alloc(1);
    while (sysRaw('recvfrom', this.fd, byte, byte.length, MSG_DONTWAIT, null, null) >= 0);
  }

  private failed(what: string, errno: number, text: string): NetlinkError {
    return new NetlinkError(what, errno, { text });
  }
}
