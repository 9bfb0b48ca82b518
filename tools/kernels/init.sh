#!/bin/sh
# The first process of the machine that tools/kernels.mjs boots: makes it what a program expects, runs job.sh beside this file
# in the checkout (its path is `checkout=` of the kernel's command line), tells how it ended, and powers off.
export PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin HOME=/root TERM=dumb LANG=C.UTF-8 NO_COLOR=1 CI=true
mountpoint -q /proc || mount -t proc proc /proc
mountpoint -q /sys || mount -t sysfs sysfs /sys
mountpoint -q /dev || mount -t devtmpfs devtmpfs /dev
mkdir -p /dev/pts /dev/shm /dev/mqueue /dev/net
mknod /dev/net/tun c 10 200
mount -t devpts -o ptmxmode=666,gid=5 devpts /dev/pts
mount -t tmpfs tmpfs /dev/shm
mount -t mqueue mqueue /dev/mqueue
mount -t tmpfs tmpfs /run
mount -t securityfs securityfs /sys/kernel/security
mount -t cgroup2 cgroup2 /sys/fs/cgroup
ip link set lo up
hostname kernels
checkout=$(sed 's/.*checkout=\([^ ]*\).*/\1/' /proc/cmdline)
exec </dev/null >/dev/ttyS1 2>&1
stty -F /dev/ttyS1 raw
if [ -e "$checkout/.kernels/policy" ]; then
	mount -t selinuxfs selinuxfs /sys/fs/selinux
	# A policy is loaded by a single write.
	dd if="$checkout/.kernels/policy" of=/sys/fs/selinux/load bs=16M status=none
	# Without this file mount(8) takes SELinux for switched off.
	mkdir -p /etc/selinux
	: >/etc/selinux/config
fi
cd "$checkout"
setsid sh "$checkout/.kernels/job.sh"
echo "kernels: exit $?"
sleep 0.2
echo o >/proc/sysrq-trigger
while :; do sleep 1; done
