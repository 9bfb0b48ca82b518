// The ring of an AIO context (io_setup(2)): what the kernel keeps at the beginning of its mapping.
export const AIO_RING = {
  nr: 4,
  head: 8,
  tail: 12,
  magic: 16,
  compat: 20,
  incompat: 24,
  headerLength: 28,
  size: 32,
};
export const AIO_MAGIC = 0xa10a10a1;
/** struct io_event. */
export const AIO_EVENT = 32;

export interface AioRing {
  /** Places for events. */
  readonly nr: number;
  /** The next event to be taken, and the place for the next one to come. */
  readonly head: number;
  readonly tail: number;
}

/** Reads the header of a ring of `length` bytes; undefined if it is none that is known. */
export function readAioRing(header: Buffer, length: number): AioRing | undefined {
  const word = (at: number) => header.readUInt32LE(at);
  const [nr, head, tail] = [word(AIO_RING.nr), word(AIO_RING.head), word(AIO_RING.tail)];
  const known =
    word(AIO_RING.magic) === AIO_MAGIC &&
    word(AIO_RING.compat) === 1 &&
    word(AIO_RING.incompat) === 0 &&
    word(AIO_RING.headerLength) === AIO_RING.size;
  if (!known || nr !== (length - AIO_RING.size) / AIO_EVENT || head >= nr || tail >= nr) return undefined;
  return { nr, head, tail };
}

/** How many requests io_setup(2) has to be asked for, to make a ring of so many places: it takes twice as many and two. */
export function requestsOf(nr: number): number {
  return Math.floor((nr - 2) / 2);
}
