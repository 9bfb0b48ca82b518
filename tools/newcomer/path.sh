#!/bin/sh
# path.sh PACKAGE: what somebody does who has just got a machine with Debian and the package, step by step. Each step checks
# what it sees; the first that is not as it should be ends the script.
set -eu
package=$1
cd /root

step() { echo "- $*"; }
fail() { echo "newcomer: $*" >&2; exit 1; }
expect() { # TEXT PATTERN: what a command has said
	printf '%s\n' "$1" | grep -Eq -- "$2" || fail "expected $2, got: $1"
}
last() { tail -n 1 ticks; }

step "install $package, with what it depends on, and man-db"
apt-get update -qq
apt-get install -y -qq --no-install-recommends "$package" man-db bash >install.log 2>&1 || { cat install.log; fail 'it cannot be installed'; }

step 'what is this, and does it work on this kernel?'
expect "$(criu --version)" '^Version: '
expect "$(criu check 2>&1)" 'Looks good'
expect "$(man criu)" 'criu dump .*-t PID'
for page in crit compel soccr; do expect "$(man $page)" "^$(echo $page | tr a-z A-Z)\(1\)"; done

step 'a program counts'
# shellcheck disable=SC2016
setsid sh -c 'i=0; while :; do i=$((i + 1)); echo $i; sleep 0.05; done' >ticks 2>/dev/null &
pid=$!
sleep 1

step 'it is dumped, and gone'
mkdir images
criu dump -t $pid -D images
wait $pid 2>/dev/null || :
[ ! -e /proc/$pid ] || fail "process $pid is still there"
before=$(last)
[ "$before" -gt 3 ] || fail "it had only come to $before"

step 'what is in the images?'
expect "$(crit x images ps)" "^ *$pid .*sh"
expect "$(crit verify images 2>&1)" '[a-z]'
crit report images -o report.html
expect "$(head -c 200 report.html)" '<!doctype html>'
expect "$(cat report.html)" '<title>Checkpoint of sh</title>'
crit report images --json | grep -q '/root/ticks' || fail 'the report does not name the file that the program writes to'

step 'it goes on'
criu restore -D images -d
sleep 1
after=$(last)
[ "$after" -gt "$before" ] || fail "it stands still at $after"
seq 1 "$after" >wanted
head -n "$after" ticks | cmp - wanted || fail 'a tick is missing, or came twice'

step 'an error is looked up'
if error=$(criu restore -D images -d 2>&1); then fail 'the same pid was restored twice'; fi
expect "$error" '\[PID_IN_USE\]'
expect "$(man criu | sed -n '/^ERRORS/,/^FILES/p')" 'PID_IN_USE'
if error=$(criu dump -t 999999 -D images 2>&1); then fail 'a process was dumped that is not there'; fi
expect "$error" '\[NO_SUCH_TASK\]'
kill -9 $pid

step 'systemd understands the units, and starts the service when somebody connects'
apt-get install -y -qq --no-install-recommends systemd socat >install.log 2>&1 || { cat install.log; fail 'systemd cannot be installed'; }
units=/lib/systemd/system
faults=$(systemd-analyze verify $units/criu.socket $units/criu.service 2>&1 | grep criu || :)
[ -z "$faults" ] || fail "systemd-analyze verify: $faults"
socket=$(sed -n 's/^ListenSequentialPacket=//p' $units/criu.socket)
start=$(sed -n 's/^ExecStart=//p' $units/criu.service)
[ -n "$socket" ] && [ -n "$start" ] || fail 'there is no socket or no command in the units'
mkdir -p /var/lib/criu
# Nothing here is started by systemd itself: its tool listens, and starts the command of the unit as systemd would.
# shellcheck disable=SC2086
systemd-socket-activate --seqpacket -l "$socket" $start 2>activate.log &
service=$!
for _ in $(seq 100); do [ -S "$socket" ] || sleep 0.1; done
# A criu_req of type VERSION (10), and what begins the answer: the same type, and success.
answer=$(printf '\010\012' | socat -t 60 - "UNIX-CONNECT:$socket,type=5" | od -An -tx1)
expect "$answer" '^ 08 0a 10 01 '
kill $service

step 'bash completes'
# shellcheck disable=SC2016
expect "$(bash -c '. /usr/share/bash-completion/completions/criu; complete -p criu')" 'complete .*criu$'

step 'it is removed, and leaves nothing'
apt-get purge -y -qq criu-ts criu-ts-node >remove.log 2>&1 || apt-get purge -y -qq "$(basename "$package" | cut -d_ -f1)" >remove.log 2>&1
[ ! -e /usr/lib/criu-ts ] && [ ! -e /usr/sbin/criu ] || fail "there is something left: $(find /usr/lib/criu-ts | head)"
echo 'a newcomer gets through'
