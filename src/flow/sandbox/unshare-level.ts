/**
 * @file Level `unshare`: namespaces, mounts and limits by util-linux alone, for machines without bubblewrap.
 *
 * A process tree of its own (its first process is our shell: when that ends, the kernel kills all others), a network with
 * no device, a root folder made of a small tmpfs that holds /usr, Python and five devices, all read-only, and one tmpfs of
 * limited size at /tmp. The host's root is unmounted, so no path leads to it. Nothing is made on the host: the new root is
 * mounted over an existing folder, which only this process tree sees, and vanishes with it.
 *
 * Who is root mounts as root; anybody else becomes root of a user namespace first. If our process dies, however it dies,
 * the outermost process is killed with it (`--pdeathsig`), and its child with that (`--kill-child`).
 */
import type { Box, Launch, Level } from './level.ts'
import { namespaceContainment, programCommand } from './program-command.ts'

/** Present on every system that follows the hierarchy standard; the first that hides nothing we have to show is used. */
const mountPoints = ['/tmp', '/mnt', '/media', '/srv']

/** Arguments: the mount point, the bytes of /tmp, the folders to show, `--`, the command to run inside. */
const setupScript = `set -eu
umask 022
root=$1 disk=$2
shift 2
show() {
  mkdir -p ".$1"
  mount --bind "$1" ".$1"
  mount -o remount,bind,ro,nosuid,nodev ".$1"
}
mount -t tmpfs -o mode=755,nosuid,nodev box "$root"
cd "$root"
mkdir usr proc dev tmp box etc old
show /usr
for folder in /bin /sbin /lib /lib32 /lib64 /libx32; do
  if [ -L $folder ]; then ln -s "$(readlink $folder)" ".$folder"; elif [ -d $folder ]; then show $folder; fi
done
while [ "$1" != -- ]; do show "$1"; shift; done
shift
if [ -f /etc/ld.so.cache ]; then : > etc/ld.so.cache; mount --bind /etc/ld.so.cache etc/ld.so.cache; fi
for device in null zero full random urandom; do : > dev/$device; mount --bind /dev/$device dev/$device; done
ln -s /proc/self/fd dev/fd
ln -s fd/0 dev/stdin
ln -s fd/1 dev/stdout
ln -s fd/2 dev/stderr
ln -s /tmp dev/shm
mount -t proc -o nosuid,nodev,noexec proc proc
mount -t tmpfs -o "size=$disk,nr_inodes=10000,mode=1777,nosuid,nodev" tmp tmp
cat <&3 > box/main.py
cat <&4 > box/input
exec 3<&- 4<&-
pivot_root . old
umount -l /old
rmdir /old
mount -o remount,bind,ro,nosuid,nodev /
cd /tmp
"$@" < /box/input
`

export function createUnshareLevel({ isRealRoot }: { readonly isRealRoot: boolean }): Level {
  const namespaces = ['--mount', '--net', '--pid', '--ipc', '--uts', '--propagation', 'private']
  const asRoot = isRealRoot ? [] : ['--user', '--map-root-user']
  return {
    name: 'unshare',
    contains: namespaceContainment,
    launch(box: Box): Launch {
      const setup = ['sh', '-c', setupScript, 'sh', mountPointFor(box.python.folders), `${box.diskBytes}`]
      return {
        command: 'setpriv',
        args: [
          ...['--pdeathsig=KILL', 'unshare', ...asRoot, ...namespaces, '--fork', '--kill-child=KILL'],
          ...[...setup, ...box.python.folders, '--', ...programCommand(box, isRealRoot)],
        ],
      }
    },
  }
}

/** A folder that hides none of `folders` when something is mounted over it. */
export function mountPointFor(folders: readonly string[]): string {
  const isFree = (point: string) => !folders.some((folder) => folder === point || folder.startsWith(`${point}/`))
  return mountPoints.find(isFree) ?? '/var'
}
