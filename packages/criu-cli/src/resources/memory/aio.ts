// The ring of an AIO context (io_setup(2)): the header that the kernel keeps at the start of its mapping.
import { io_event } from '@criu/native/uapi';

/** struct aio_ring of the kernel's fs/aio.c, which no header for programs has; struct io_event of each follow. */
export const AIO_RING = {
  nr: 4,
  head: 8,
  tail: 12,
  magic: 16,
  compat: 20,
  incompat: 24,
  headerLength: 28,
  size: 32,
} as const;
export const AIO_MAGIC = 0xa10a10a1;

export interface AioRing {
  /** Number of event slots. */
  readonly nr: number;
  /** Index of the next event to be taken, and of the slot for the next completion. */
  readonly head: number;
  readonly tail: number;
}

/** Reads the header of a ring of `length` bytes; undefined for an unknown format. */
export function readAioRing(header: Buffer, length: number): AioRing | undefined {
  const word = (at: number) => header.readUInt32LE(at);
  const [nr, head, tail] = [word(AIO_RING.nr), word(AIO_RING.head), word(AIO_RING.tail)];
  const known =
    word(AIO_RING.magic) === AIO_MAGIC &&
    word(AIO_RING.compat) === 1 &&
    word(AIO_RING.incompat) === 0 &&
    word(AIO_RING.headerLength) === AIO_RING.size;
  if (!known || nr !== (length - AIO_RING.size) / io_event.sizeof || head >= nr || tail >= nr)
    return undefined;
  return { nr, head, tail };
}

/**
 * The number of requests to pass to io_setup(2) for a ring of `nr` slots: the kernel allocates twice as many, plus two.
 */
export function requestsOf(nr: number): number {
  return Math.floor((nr - 2) / 2);
}
