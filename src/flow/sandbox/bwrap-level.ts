/**
 * @file Level `bwrap`: bubblewrap makes the namespaces and the root folder, `program-command.ts` does the rest.
 *
 * The same box as `unshare-level.ts`, in bubblewrap's words (https://github.com/containers/bubblewrap, 0.7 or newer for
 * `--size`). Bubblewrap copies the source and the input from descriptors 3 and 4 into read-only files, runs the first
 * process of the tree, and dies with ours (`--die-with-parent`). Who is root needs no user namespace here, and must not
 * have one: in it, nobody else's user id would exist to change to.
 */
import { lstatSync, readlinkSync } from 'node:fs'
import type { Box, Launch, Level } from './level.ts'
import { namespaceContainment, programCommand } from './program-command.ts'

const systemFolders = ['/bin', '/sbin', '/lib', '/lib32', '/lib64', '/libx32']

/** Five devices and the usual links; shared memory counts as disk. */
const deviceArgs = [
  ...['--perms', '0755', '--dir', '/dev'],
  ...['null', 'zero', 'full', 'random', 'urandom'].flatMap((name) => ['--dev-bind', `/dev/${name}`, `/dev/${name}`]),
  ...['--symlink', '/proc/self/fd', '/dev/fd', '--symlink', 'fd/0', '/dev/stdin', '--symlink', 'fd/1', '/dev/stdout'],
  ...['--symlink', 'fd/2', '/dev/stderr', '--symlink', '/tmp', '/dev/shm'],
]

/** To change to another user id inside. */
const rootArgs = ['--cap-add', 'CAP_SETUID', '--cap-add', 'CAP_SETGID', '--cap-add', 'CAP_SETPCAP']

export function createBwrapLevel({
  executable,
  isRealRoot,
}: {
  readonly executable: string
  readonly isRealRoot: boolean
}): Level {
  const namespaces = ['--unshare-net', '--unshare-pid', '--unshare-ipc', '--unshare-uts', '--unshare-cgroup-try']
  return {
    name: 'bwrap',
    contains: namespaceContainment,
    launch(box: Box): Launch {
      return {
        command: executable,
        args: [
          ...[...namespaces, '--die-with-parent', '--new-session'],
          ...(isRealRoot ? rootArgs : ['--unshare-user']),
          ...folderArgs(box),
          ...['--chdir', '/tmp', '--', 'sh', '-c', 'exec "$@" < /box/input', 'sh'],
          ...programCommand(box, isRealRoot),
        ],
      }
    },
  }
}

function folderArgs(box: Box): readonly string[] {
  return [
    ...['--ro-bind', '/usr', '/usr'],
    ...systemFolders.flatMap(systemFolderArgs),
    ...box.python.folders.flatMap(folderOpenToAllArgs),
    ...['--ro-bind-try', '/etc/ld.so.cache', '/etc/ld.so.cache'],
    ...['--proc', '/proc', ...deviceArgs],
    ...['--perms', '1777', '--size', `${box.diskBytes}`, '--tmpfs', '/tmp'],
    ...[
      '--perms',
      '0444',
      '--ro-bind-data',
      '3',
      '/box/main.py',
      '--perms',
      '0444',
      '--ro-bind-data',
      '4',
      '/box/input',
    ],
    ...['--remount-ro', '/'],
  ]
}

/** `/bin` and its like: links into /usr on merged systems, folders on others. */
function systemFolderArgs(folder: string): readonly string[] {
  const entry = lstatSync(folder, { throwIfNoEntry: false })
  if (entry === undefined) return []
  return entry.isSymbolicLink() ? ['--symlink', readlinkSync(folder), folder] : ['--ro-bind', folder, folder]
}

/** Bubblewrap makes the folders above for their owner alone, who is root, and not the user that the program runs as. */
function folderOpenToAllArgs(folder: string): readonly string[] {
  const names = folder.split('/').slice(1, -1)
  const above = names.map((_, index) => `/${names.slice(0, index + 1).join('/')}`)
  return [...above.flatMap((parent) => ['--perms', '0755', '--dir', parent]), '--ro-bind', folder, folder]
}
