/**
 * @file The last steps inside a box, the same for every level with namespaces: become nobody, then be limited, then run.
 *
 * The order matters. The kernel does not count the processes of the real root, so another user id comes first and the
 * limit on processes after it. A user namespace of its own gives each program its own count (kernels from 5.14 on), so
 * that programs side by side do not use up each other's; further user namespaces are forbidden in it, since in one of
 * those a program could mount itself a disk of any size. Then every capability goes, for good (`no_new_privs`).
 *
 * `setpriv`, `unshare`, `prlimit`: util-linux, 2.36 or newer.
 */
import type { Box } from './level.ts'

/** What the levels with namespaces hold back, for reports. */
export const namespaceContainment =
  'processes, memory, disk, network, host files, signals (own namespaces, read-only root, nobody, no capabilities)'

/** `nobody`, on Debian and on most others. */
const unprivilegedId = 65534

/** Runs with all capabilities of the new user namespace; "$@" is what has to run without them. */
const enterScript = 'echo 0 > /proc/sys/user/max_user_namespaces && echo started >&5 && exec "$@" 5>&-'

/** Python that closes what the shell cannot (a plain `sh` knows one digit), then becomes the command that follows. */
const closeOthers = `import os, sys
for name in os.listdir("/proc/self/fd"):
    if int(name) > 2:
        try: os.close(int(name))
        except OSError: pass
os.execv(sys.argv[1], sys.argv[1:])`

/** Environment of a program: nothing of ours. A fixed hash seed makes the order of sets the same in every run. */
const programEnvironment = [
  'PATH=/usr/bin:/bin',
  'HOME=/tmp',
  'LANG=C.UTF-8',
  'PYTHONHASHSEED=0',
  'OPENBLAS_NUM_THREADS=1',
  'OMP_NUM_THREADS=1',
]

/** The command that runs `/box/main.py`. `isRealRoot`: the caller is root outside any user namespace. */
export function programCommand(box: Box, isRealRoot: boolean): readonly string[] {
  const becomeNobody = ['setpriv', `--reuid=${unprivilegedId}`, `--regid=${unprivilegedId}`, '--clear-groups']
  const ownCount = ['unshare', '--user', '--map-user=1000', '--map-group=1000', '--keep-caps']
  const dropAll = ['setpriv', '--inh-caps=-all', '--ambient-caps=-all', '--bounding-set=-all', '--no-new-privs']
  return [
    ...(isRealRoot ? becomeNobody : []),
    ...ownCount,
    ...['sh', '-c', enterScript, 'sh'],
    ...dropAll,
    ...limitCommand(box),
    ...['env', '-i', ...programEnvironment],
    ...[box.python.executable, '-I', '-S', '-c', closeOthers],
    ...pythonCommand(box.python.executable, '/box/main.py'),
  ]
}

function limitCommand(box: Box): readonly string[] {
  return [
    'prlimit',
    `--nproc=${box.processes}`,
    `--as=${box.memoryBytes}`,
    `--fsize=${box.diskBytes}`,
    // Past the first number it hears SIGXCPU, past the second it is gone.
    `--cpu=${box.cpuSeconds}:${box.cpuSeconds + 1}`,
    '--nofile=256',
    '--core=0',
  ]
}

/** No user's packages, no bytecode files, UTF-8 whatever the locale. */
export const pythonCommand = (executable: string, file: string): readonly string[] => [
  executable,
  '-s',
  '-B',
  '-X',
  'utf8',
  file,
]
