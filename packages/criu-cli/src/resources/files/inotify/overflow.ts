// Creates an inotify instance with an overflow event in its queue. Only the kernel adds that event, when the queue is
// full: so the queue is filled, and the events before it are read.
import { close, cstring, sys, sysRaw, tryIoctlInt } from '@criu/native';
import { FIONREAD, IN_ATTRIB, IN_CLOEXEC, IN_NONBLOCK, inotify_event, MFD_CLOEXEC } from '@criu/native/uapi';

const AT_ONCE = 1024;
const ROOM = 64 << 10;

/** Fills the queue with events of two files alternately, since the kernel merges equal consecutive events. */
function fill(inotify: number, watched: readonly number[]): void {
  for (let before = -1; ; ) {
    const now = tryIoctlInt(inotify, FIONREAD) ?? 0;
    if (now === before) return;
    before = now;
    for (let i = 0; i < AT_ONCE; i++) for (const file of watched) sys('fchmod', file, 0o600);
  }
}

/** Descriptor of a new instance without watches, with only IN_Q_OVERFLOW in its queue. @throws SysError */
export function overflowed(): number {
  const inotify = sys('inotify_init1', IN_CLOEXEC | IN_NONBLOCK);
  const watched = [1, 2].map(() => sys('memfd_create', cstring('watched'), MFD_CLOEXEC));
  try {
    const watches = watched.map((file) =>
      sys('inotify_add_watch', inotify, cstring(`/proc/self/fd/${file}`), IN_ATTRIB),
    );
    fill(inotify, watched);
    // The queue is full, so removing the watches adds no events.
    for (const watch of watches) sys('inotify_rm_watch', inotify, watch);
    const room = Buffer.alloc(ROOM);
    for (;;) {
      // IN_Q_OVERFLOW is an event without a name.
      const before = (tryIoctlInt(inotify, FIONREAD) ?? 0) - inotify_event.sizeof;
      if (before <= 0 || sysRaw('read', inotify, room, Math.min(before, ROOM)) <= 0) return inotify;
    }
  } catch (error) {
    close(inotify);
    throw error;
  } finally {
    for (const file of watched) close(file);
  }
}
