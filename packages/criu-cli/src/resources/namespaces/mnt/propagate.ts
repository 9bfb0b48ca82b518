// Sets the propagation of attached mounts, in the planned order.
import { cstring, sys } from '@criu/native';
import { closeSync } from '@criu/native/fs';
import {
  AT_FDCWD,
  MS_PRIVATE,
  MS_SHARED,
  MS_SLAVE,
  MS_UNBINDABLE,
  O_CLOEXEC,
  OPEN_TREE_CLONE,
} from '@criu/native/uapi';
import { moveTo } from '../../files/common.js';
import { cloneMount, joinGroup, SET_GROUP, setAttributes } from './calls.js';
import { isHelper, type Sharer, type Sharing } from './sharing.js';
import { title, type Workshop } from './workshop.js';

/** Sets the propagation, when nothing is mounted any more. */
export function share(shop: Workshop, sharing: readonly Sharing[]): void {
  const { trees } = shop.own.planned;
  for (const one of sharing) {
    const { mount } = one;
    shop.go(shop.treeOf(isHelper(mount) ? mount.base : mount));
    if (isHelper(mount)) {
      const p = shop.program;
      moveTo(p, cloneMount(p, shop.fd(mount.base), '', 'a peer for a while'), shop.fd(mount));
      setAttributes(p, shop.fd(mount), { propagation: MS_PRIVATE }, 'a peer for a while');
    }
    propagate(shop, one);
  }
  for (const tree of trees)
    for (const mount of tree.mounts) {
      if (!(mount.flags & MS_UNBINDABLE)) continue;
      shop.go(tree);
      setAttributes(shop.program, shop.fd(mount), { propagation: MS_UNBINDABLE }, title(mount));
    }
}

function propagate(shop: Workshop, { mount, like, slaveOf, shared, outside }: Sharing): void {
  const label = `propagation of ${isHelper(mount) ? 'a peer for a while' : title(mount)}`;
  const fd = shop.fd(mount);
  const from = like ?? slaveOf;
  if (from) joinGroup(shop.program, fd, shop.fd(from), label);
  if (outside) followOutside(shop, mount, label);
  if (slaveOf || outside) setAttributes(shop.program, fd, { propagation: MS_SLAVE }, label);
  if (shared) setAttributes(shop.program, fd, { propagation: MS_SHARED }, label);
}

/**
 * Makes a mount a slave of the group of its source in the caller's namespace. This process does it, as only it has
 * access to both.
 */
function followOutside(shop: Workshop, mount: Sharer, label: string): void {
  const of = isHelper(mount) ? mount.base : mount;
  const path = shop.own.mounts.outside(of);
  const slot = shop.own.planned.slot(of);
  const about = {
    title: `${label}: that of ${path}`,
    needs: [slot],
    failure: `the mount at ${of.mountpoint} follows one outside (${path} must be a shared mount, see mount --make-shared)`,
    file: path,
  };
  shop.meanwhile(about, () => {
    // A clone joins the peer group of its source.
    const from = sys('open_tree', AT_FDCWD, cstring(path), OPEN_TREE_CLONE | O_CLOEXEC);
    try {
      sys('move_mount', from, cstring(''), slot.value, cstring(''), SET_GROUP);
    } finally {
      closeSync(from);
    }
  });
}
