// Generates docs/rpc.md, the reference for clients, from the table of fields.
import { optionNamed } from '../cli/option-table.js';
import { FIELDS } from './fields.js';

const cell = (text: string) => text.replaceAll('|', '\\|').replaceAll('<', '&lt;');

function fieldRow([field, rule]: [string, NonNullable<(typeof FIELDS)[keyof typeof FIELDS]>]): string {
  if (rule.kind === 'own') return `| \`${field}\` | ${cell(rule.what)} |`;
  if (rule.kind === 'ignored') return `| \`${field}\` | ignored: ${cell(rule.why)} |`;
  const missing = rule.names.some((name) => optionNamed(name).support === 'no');
  const names = rule.names.map((name) => `\`--${name}\``).join(', ');
  return `| \`${field}\` | ${names}${missing ? ' (refused)' : ''} |`;
}

/** The text of docs/rpc.md. */
export function rpcReferenceText(): string {
  return [
    '# RPC',
    '',
    '<!-- Made by `npm run docs` from the records of packages/criu-cli/src/cli/option-table.ts, and from rpc/fields.ts and rpc/reference.ts; change it there. -->',
    '',
    'Requests and answers are those of CRIU 4.2 (`packages/images/proto/rpc.proto`), one protocol buffer a message, on a Unix',
    'socket of type `SOCK_SEQPACKET`. libcriu, go-criu and pycriu speak to it.',
    '',
    '- `criu swrk FD` serves the process that has started it, on a socket that it has inherited. Container engines do this.',
    '- `criu service --address PATH` listens, with a process for each request: none can harm another, and who only is',
    "  connected costs a descriptor. The socket is its owner's alone (mode 0600; CRIU's is open to all), as whoever may",
    "  connect has the service's rights. `-d` goes into the background, `--pidfile` and `--status-fd` say when it is ready.",
    '- `serveConnection(fd)` of `@criu/cli` serves one connection within a program.',
    '',
    '## Requests',
    '',
    '| request | |',
    '| --- | --- |',
    '| `DUMP`, `RESTORE` | as the commands; the options are below |',
    '| `CHECK` | what the kernel has to have; with `log_file` (and directories for it) there is a log |',
    '| `FEATURE_CHECK` | `mem_track`, `lazy_pages`, `pidfd_store` and `mem_compression`: whether kernel and this version can do them; increments need no kernel that tracks changes |',
    '| `VERSION` | that of the CRIU whose images and options these are |',
    '| `WAIT_PID` | how a child of this process has ended |',
    '| `PRE_DUMP`, `SINGLE_PRE_DUMP` | as the command; after the first the connection stays open for the next one or the dump |',
    '| `PAGE_SERVER`, `PAGE_SERVER_CHLD` | starts a page server and answers with its pid and port; `WAIT_PID` takes the second |',
    '| `CPUINFO_DUMP`, `CPUINFO_CHECK` | as the commands; without `cpu_cap` the check is of `fpu` and `ins` |',
    '',
    'A failure is an answer with `success` false, `cr_errno` and a text in `cr_errmsg`. `EBADRQC`: what is asked for makes no',
    'sense; `EOPNOTSUPP`: it is not supported; `ESRCH`: there is no such process; `EEXIST`: the pid is taken; else the errno',
    'of the system call that failed. With `keep_open` the next request may follow, whatever the first one was.',
    '',
    'With `notify_scripts` the client gets a `NOTIFY` message at each stage and answers with another, `notify_success` in it;',
    'anything else ends the operation. Tasks stand still meanwhile, so that a client within the dumped tree cannot ask for it.',
    'They do so for 60 seconds at most, or as long as `timeout` allows for all of the operation; then it is rolled back. So it is',
    'when the client closes its socket before it has the answer.',
    '',
    'A process that has itself dumped (without `pid`) finds the answer, `restored` in it, in its socket when it is restored.',
    '',
    '## Options of a request',
    '',
    'Configuration files come first, then options on the command line of `criu swrk` or `criu service` (but those about the server',
    'itself), then the request, then the file that `config_file` names; the later one counts. What is refused is so by the name of',
    'its field, with the reason.',
    '',
    '| field of `criu_opts` | what becomes of it |',
    '| --- | --- |',
    ...Object.entries(FIELDS).map(fieldRow),
    '',
    '## Action scripts',
    '',
    'What clients are told, scripts of `--action-script FILE` are too, and the `notify` callback of the API. A script finds the',
    'stage in `CRTOOLS_SCRIPT_ACTION`, the images in `CRTOOLS_IMAGE_DIR`, and the pid of the root task, once there is one, in',
    '`CRTOOLS_INIT_PID`. It runs in the work directory; of several the last one given runs first. Clients come before scripts.',
    '',
    '| stage | when | a failure |',
    '| --- | --- | --- |',
    '| `pre-dump` | before anything is touched | ends the dump |',
    '| `network-lock` | all tasks stand still, of a tree in a network namespace of its own | ends the dump |',
    '| `query-ext-files` | all tasks stand still; clients and callbacks only, who may name more external resources | ends the dump |',
    '| `post-dump` | the images are complete, all tasks still stand | the tasks run on, the images stay; the exit code of `criu` is that of the script |',
    '| `pre-restore` | the images are read, nothing is made | ends the restore |',
    '| `orphan-pts-master` | a terminal was made whose other side was not dumped; clients and callbacks only | ends the restore |',
    '| `post-restore` | all tasks are made, the network is still locked | undoes the restore |',
    '| `network-unlock` | tasks of such a tree are about to run on: after a dump, one that failed, or a restore | is only logged |',
    '| `pre-resume` | all tasks stand before their first instruction, the network is unlocked | is only logged |',
    '| `post-resume` | the tasks run | is only logged |',
    '| `status-ready` | the service, or a page server, takes connections; with `--lazy-pages`, the memory of a dump can be fetched | ends the service; the tasks run on |',
    '',
  ].join('\n');
}
