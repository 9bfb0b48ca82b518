#!/bin/sh
# enter.sh ROOT COMMAND...: runs a command in namespaces of its own whose root file system is ROOT. Nothing of it stays.
set -e
exec unshare --mount --pid --uts --ipc --fork --kill-child sh -ec '
root=$1
shift
mount --make-rprivate /
mount --bind "$root" "$root"
cd "$root"
mount --rbind /dev dev
mount --rbind /sys sys
mount -t proc proc proc
mount -t tmpfs tmpfs run
mkdir -p .old
pivot_root . .old
umount -l /.old
rmdir /.old
# What comes from outside is a file of another mount namespace.
exec env -i PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin HOME=/root TERM=dumb LANG=C.UTF-8 \
	DEBIAN_FRONTEND=noninteractive "$@" </dev/null
' sh "$@"
