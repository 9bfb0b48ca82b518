// A netlink socket (netlink(7)) and the ways to talk over it: one request, a list, a transaction, and many requests at once.
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
  MSG_PEEK,
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

/** Errors in words, and lists of only what was asked for. Before Linux 4.12 and 4.20 there is none of it: errors then are a number. */
const OPTIONS = [NETLINK_CAP_ACK, NETLINK_EXT_ACK, NETLINK_GET_STRICT_CHK] as const;

/** The kernel answers while the request is being sent; one that does not must not hold us for ever. */
const PATIENCE_MS = 10_000;
/** Room in the socket: a transaction of thousands of elements is one datagram. */
const SOCKET_BYTES = 4 << 20;
/** A datagram of the kernel's is far below that. */
const MAX_DATAGRAM = 16 << 20;
/** So much one answer may have, all its datagrams together. */
const MAX_ANSWER = 512 << 20;
/** Requests that are sent together: so many bytes in one datagram. */
const TOGETHER = 64 << 10;
/** Room for the answer to one request that does not list: an errno, the header of the request, a sentence. */
const ONE_ANSWER = 16 << 10;
/** So often a list is asked for again that changed while it was read. */
const MAX_TRIES = 16;

function word(value: number): Uint8Array {
  return new Uint8Array(new Int32Array([value]).buffer);
}

/** A request that changes something, and what it is about for messages. */
export interface NamedRequest extends Message {
  readonly what: string;
}

/**
 * One socket. It belongs to the network namespace in which it was made, whoever uses it. Calls do not return before the
 * kernel has answered, which it does at once.
 */
export class NetlinkSocket {
  private seq = 0;

  private constructor(readonly fd: number) {}

  /**
   * @param protocol one of {@link NETLINK}
   * @param netns descriptor of the network namespace to make it in, else that of the calling thread
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
   * One that was made already, by a process in another namespace for example; it is ours from now on.
   * @param patienceMs how long the kernel may be silent
   * @throws SysError when it is no socket
   */
  static adopt(fd: number, patienceMs = PATIENCE_MS): NetlinkSocket {
    const time = new BigInt64Array([
      BigInt(Math.floor(patienceMs / 1000)),
      BigInt((patienceMs % 1000) * 1000),
    ]);
    sys('setsockopt', fd, SOL_SOCKET, SO_RCVTIMEO, new Uint8Array(time.buffer), timeval.sizeof);
    // Not to be had without CAP_NET_ADMIN, and then the usual size has to do.
    for (const name of [SO_SNDBUFFORCE, SO_RCVBUFFORCE])
      sysRaw('setsockopt', fd, SOL_SOCKET, name, word(SOCKET_BYTES), 4);
    for (const name of OPTIONS) sysRaw('setsockopt', fd, SOL_NETLINK, name, word(1), 4);
    return new NetlinkSocket(fd);
  }

  /** In the background: the kernel waits here until rules that were deleted are out of use, some ten milliseconds. */
  close(): void {
    closeLater(this.fd, () => {});
  }

  [Symbol.dispose](): void {
    this.close();
  }

  /**
   * One request; the messages that the kernel has sent before its acknowledgement.
   * @param what for messages: "list rules", "nftables lock"
   * @throws NetlinkError with what the kernel says, NetlinkFormatError
   */
  request(message: Message, what: string): ReceivedMessage[] {
    return this.transact([{ ...message, flags: message.flags | NLM_F_ACK }], what);
  }

  /**
   * A list: all messages of an answer in several parts. It is asked for again when it changed while it was read.
   * @throws NetlinkError with what the kernel says, EAGAIN when it never held still
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
   * Several messages in one datagram, as transactions of nftables are. The last one with NLM_F_ACK ends it, or the first
   * that fails.
   * @throws NetlinkError
   */
  transact(messages: readonly Message[], what: string): ReceivedMessage[] {
    const waited = messages.findLastIndex(({ flags }) => flags & NLM_F_ACK);
    if (waited < 0) throw new RangeError(`${what}: no message asks for an answer`);
    return this.exchange(messages, what, waited);
  }

  /**
   * Many requests, each by itself: they are sent some hundred in one datagram, which the kernel goes through in order to its end,
   * also where one of them fails. Only failures and the last request of a datagram are answered for.
   * @returns what the kernel has against each of the requests; undefined for those that it carried out
   * @throws NetlinkError when the socket itself fails, NetlinkFormatError
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

  /** The same where none may fail. @throws NetlinkError of the first that does */
  all(requests: readonly NamedRequest[]): void {
    const failed = this.each(requests).find((outcome) => outcome !== undefined);
    if (failed) throw failed;
  }

  /** Sends messages and reads until the one at `waited` is answered for. */
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
        // An older request's, which failed before its answer was read to the end.
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

  /** One datagram of the kernel's, undefined for one of somebody else's. @throws NetlinkError */
  private receive(what: string): Buffer | undefined {
    const length = this.recv(Buffer.alloc(0), MSG_PEEK | MSG_TRUNC, what);
    if (length > MAX_DATAGRAM) throw this.failed(what, EMSGSIZE, `a datagram has ${length} bytes`);
    const datagram = Buffer.allocUnsafe(length);
    const sender = Buffer.alloc(sockaddr_nl.sizeof);
    const got = this.recv(datagram, 0, what, sender);
    // Any process can send to a netlink socket; the kernel's port id is 0.
    return sender.readUInt32LE(sockaddr_nl.nl_pid) === 0 ? datagram.subarray(0, got) : undefined;
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

  /** What is left of the answer to a request that failed. */
  private drain(): void {
    const byte = Buffer.alloc(1);
    while (sysRaw('recvfrom', this.fd, byte, byte.length, MSG_DONTWAIT, null, null) >= 0);
  }

  private failed(what: string, errno: number, text: string): NetlinkError {
    return new NetlinkError(what, errno, { text });
  }
}
