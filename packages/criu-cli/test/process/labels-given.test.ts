// Labels of security modules are given to restored tasks. The kernel of the test need not have such a module: files of the test's own
// stand for what it says of tasks, and for what these tell it.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, it } from 'vitest';
import { cleanUp, isRoot, scratch } from '../dump/victim.js';

afterAll(cleanUp);

const criu = fileURLToPath(new URL('../../bin/criu', import.meta.url));
const SECURITY = '/sys/kernel/security';
const possible =
  isRoot && existsSync(SECURITY) && !existsSync(`${SECURITY}/apparmor`) && !existsSync('/sys/fs/selinux');

/**
 * In $PLACE: `was-NAME` are files of the task's /proc/PID/attr before the dump, `own` is criu's `current`, `profiles` are AppArmor's, and
 * `policy` the one of a profile `x` in the namespace `c1`.
 */
const SCRIPT = `
  ALL='current sockcreate exec fscreate keycreate'
  for fd in 3 4 5 6 7 8 9 10 11 12; do eval "exec $fd<&-"; done
  mount -t tmpfs none ${SECURITY} || exit 77
  [ ! -e profiles ] || { mkdir ${SECURITY}/apparmor && cp profiles ${SECURITY}/apparmor/; } || exit 77
  inside=${SECURITY}/apparmor/policy/namespaces/c1
  if [ -e policy ]; then
    mkdir -p $inside/profiles/x.0 $inside/namespaces && cp policy $inside/profiles/x.0/raw_data || exit 77
    echo x > $inside/profiles/x.0/name; : > $inside/.replace; : > $inside/.remove
  fi
  unshare --uts setsid sleep 1000 </dev/null >/dev/null 2>&1 & task=$!
  trap '[ "$(cat /proc/$task/comm)" = sleep ] && kill -9 $task' EXIT
  until [ "$(cat /proc/$task/comm)" = sleep ]; do sleep 0.05; done
  for name in $ALL; do
    [ ! -e was-$name ] || mount --bind was-$name /proc/$task/attr/$name || exit 77
  done
  as_own() { sh -c '[ ! -e own ] || mount --bind own /proc/$$/attr/current || exit 77; exec "$0" "$@"' "$@"; }
  as_own "$CRIU" dump -t $task -D images -v4 -o dump.log || exit 3
  # The rehearsal reads labels before there is a state of threads, as a dump does that is quicker than ptrace.
  ! grep 'rehearsal: .*not reported' images/dump.log >&2 || exit 5
  cat > hook <<HOOK
#!/bin/sh
[ "\\$CRTOOLS_SCRIPT_ACTION" = setup-namespaces ] || exit 0
for name in $ALL; do
  mount --bind $PWD/given-\\$name /proc/\\$CRTOOLS_INIT_PID/task/\\$CRTOOLS_INIT_PID/attr/\\$name || exit 1
done
HOOK
  chmod +x hook; for name in $ALL; do : > given-$name; done
  as_own "$CRIU" restore -D images -d --action-script "$PWD/hook" "$@" || exit 4
  [ ! -e policy ] || cp $inside/.replace given-policy
`;

function cycle(files: Readonly<Record<string, string>>, ...args: string[]) {
  const place = mkdtempSync(join(scratch(), 'labels-'));
  mkdirSync(join(place, 'images'));
  for (const [name, text] of Object.entries(files)) writeFileSync(join(place, name), text);
  const { status, stderr } = spawnSync('unshare', ['--mount', 'bash', '-c', SCRIPT, 'bash', ...args], {
    cwd: place,
    encoding: 'utf8',
    env: { ...process.env, CRIU: criu },
  });
  const given = (name: string) => {
    const file = join(place, `given-${name}`);
    return existsSync(file) ? readFileSync(file, 'utf8') : '';
  };
  const labels = {
    current: given('current'),
    sockcreate: given('sockcreate'),
    exec: given('exec'),
    fscreate: given('fscreate'),
    keycreate: given('keycreate'),
  };
  return { status, stderr, policy: given('policy'), ...labels };
}

const LABEL = 'system_u:system_r:container_t:s0:c82,c137';
const OWN = 'unconfined_u:unconfined_r:unconfined_t:s0';

describe.skipIf(!possible)('a label (needs root, and a kernel without AppArmor and SELinux)', () => {
  it('of AppArmor is given to a task, as a change of its profile', () => {
    const files = {
      'was-current': 'docker-default (enforce)\n',
      profiles: 'docker-default (enforce)\nx (complain)\n',
    };
    expect(cycle(files)).toMatchObject({
      status: 0,
      current: 'changeprofile docker-default',
      sockcreate: '',
    });
    expect(cycle(files, '--lsm-profile', 'apparmor:x').current).toBe('changeprofile x');
    expect(cycle(files, '--lsm-profile', 'none').current).toBe('');
  });

  it('of AppArmor that this machine has not is refused', () => {
    const { status, stderr, current } = cycle({
      'was-current': 'docker-default (enforce)\n',
      profiles: 'x (enforce)\n',
    });
    expect([status, current]).toEqual([4, '']);
    expect(stderr).toMatch(
      /confined by AppArmor \(docker-default\), and this machine has no profile docker-default/,
    );
    expect(stderr).toMatch(/apparmor_parser/);
  });

  it('of a namespace of AppArmor is given after its policy was loaded, unless there is to be none', () => {
    const files = {
      'was-current': 'docker-default//&:c1:x (enforce)\n',
      profiles: 'docker-default (enforce)\n:c1:x (enforce)\n',
      policy: 'a policy',
    };
    expect(cycle(files)).toMatchObject({
      status: 0,
      current: 'changeprofile docker-default//&:c1:x',
      policy: 'a policy',
    });
    expect(cycle(files, '--lsm-profile', 'none')).toMatchObject({ status: 0, current: '', policy: '' });
  });

  it('of AppArmor for the next program is refused: whether the present one stays is not known', () => {
    const { status, stderr } = cycle({ own: 'unconfined\n', 'was-exec': 'x (enforce)\n' });
    expect(status).toBe(3);
    expect(stderr).toMatch(/has chosen a profile of AppArmor for the next program .*\(x \(enforce\)\)/);
  });

  it('of SELinux is given to a task, as are those of what it makes', () => {
    const made = (kind: string) => LABEL.replace('container', kind);
    const files = {
      'was-current': LABEL,
      'was-sockcreate': `${LABEL}\n`,
      'was-exec': made('program'),
      'was-fscreate': made('file'),
      'was-keycreate': made('key'),
      own: OWN,
    };
    expect(cycle(files)).toMatchObject({
      status: 0,
      current: LABEL,
      sockcreate: LABEL,
      exec: made('program'),
      fscreate: made('file'),
      keycreate: made('key'),
    });
    const other = LABEL.replace('c137', 'c9');
    expect(cycle(files, '--lsm-profile', `selinux:${other}`)).toMatchObject({
      current: other,
      sockcreate: other,
      exec: made('program'),
    });
    expect(cycle({ ...files, own: LABEL }).current).toBe('');
  });
});
