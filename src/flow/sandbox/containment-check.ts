/**
 * @file Does a level contain anything here? A program that tries to get out, and must fail in every way that it tries.
 *
 * Kernels, distributions and containers restrict namespaces in many ways, and some leave a command that succeeds and
 * holds nothing back. So a level is believed only after this program has run in it. `test/sandbox/` tries much more.
 */
import type { CodeResult } from '../../core/index.ts'

/** Reads the pid of our process; prints what it could do and should not, separated by commas. */
export const escapeAttempts = `import ctypes, os, resource, socket, sys

def works(action):
    try:
        action()
        return True
    except OSError:
        return False

def reach_network():
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.connect(("192.0.2.1", 9))

def write_file(path):
    os.close(os.open(path, os.O_WRONLY | os.O_CREAT))

def new_user_namespace():
    if ctypes.CDLL(None, use_errno=True).unshare(0x10000000) != 0:
        raise OSError(ctypes.get_errno(), "unshare")

host_pid = int(input())
# Systems have a default for processes, in the tens of thousands: that is no limit.
limited = lambda name, most=2 ** 62: 0 <= resource.getrlimit(getattr(resource, name))[1] <= most
found = {
    "is root": os.getuid() == 0,
    "reaches the network": works(reach_network),
    "reads host files": os.path.exists("/etc/passwd") or os.path.exists("/etc/hostname"),
    "writes to /usr": works(lambda: write_file("/usr/escaped")),
    "writes to /": works(lambda: write_file("/escaped")),
    "sees host processes": len([name for name in os.listdir("/proc") if name.isdigit()]) > 12,
    "signals its host": host_pid > 100 and works(lambda: os.kill(host_pid, 0)),
    "has no limit on processes": not limited("RLIMIT_NPROC", 4096),
    "has no limit on memory": not limited("RLIMIT_AS"),
    "has no limit on files": not limited("RLIMIT_FSIZE"),
    "makes user namespaces": works(new_user_namespace),
}
print(",".join(name for name, is_true in found.items() if is_true))
`

/** What is wrong with the level that ran the attempts; null: nothing. */
export function verdictOn({ status, output, errorOutput }: CodeResult): string | null {
  if (status !== 'ok') return `a program could not run in it: ${errorOutput.trim().split('\n').at(-1) || status}`
  const found = output.trim()
  return found === '' ? null : `a program in it ${found.replaceAll(',', ', ')}`
}
