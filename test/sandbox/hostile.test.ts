/**
 * @file Programs that mean harm, at every level that this machine offers and that claims to contain them.
 *
 * Each begins with a look around and gives up outside a box, so that a level that does not contain fails its test and
 * does nothing worse. None of them ever runs at level `plain`.
 */
import { once } from 'node:events'
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { homedir, tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { CodeLimits, CodeResult } from '../../src/core/index.ts'
import type { Sandbox } from '../../src/flow/index.ts'
import { concurrency, containedLevels, diskBytes, processes } from './offered-levels.ts'

const guard =
  'import os, sys\nif os.path.exists("/etc/passwd") or len(os.listdir("/proc")) > 200: sys.exit("not in a box")\n'
const limits: CodeLimits = { cpuMs: 2_000, memoryBytes: 256 * 1024 * 1024, wallMs: 60_000 }

/** Python: the name of the error that each statement of a list ends with, or `None`; errors of the system by their symbol. */
const outcomes = `import errno
def outcome(action):
    try:
        action()
    except OSError as error:
        return errno.errorcode.get(error.errno, type(error).__name__)
`

describe.each(containedLevels)('level $title', ({ sandbox: found }) => {
  describe.skipIf(found === null)('contains', () => {
    const sandbox = found as Sandbox
    const attack = (source: string, more: Partial<CodeLimits> = {}, input = ''): Promise<CodeResult> =>
      sandbox.run({ source: guard + source, input }, { ...limits, ...more })
    /** Still there, still able to run programs. */
    const expectHealth = async () => {
      expect(await attack('print(6 * 7)')).toMatchObject({ status: 'ok', output: '42\n' })
    }

    it('a fork bomb', async () => {
      const result = await attack(`
from time import sleep
made = 0
try:
    while True:
        if os.fork() == 0:
            sleep(60)
            os._exit(0)
        made += 1
except BlockingIOError:
    print(made)
`)
      expect(result).toMatchObject({ status: 'ok', exitCode: 0 })
      expect(Number(result.output)).toBeGreaterThan(1)
      expect(Number(result.output)).toBeLessThan(processes)
      await expectHealth()
    })

    it('a fork bomb that never gives up, and several of them at once', async () => {
      const bomb = 'while True:\n  try: os.fork()\n  except OSError: pass'
      const bombs = await Promise.all(Array.from({ length: concurrency }, () => attack(bomb, { wallMs: 3_000 })))
      for (const { status, reason } of bombs) {
        expect(status).toBe('killed')
        expect(['cpu', 'wall']).toContain(reason)
      }
      await expectHealth()
    })

    it('a program that takes all memory', async () => {
      expect(await attack('x = bytearray(2 * 1024 ** 3)')).toMatchObject({ status: 'failed', reason: 'memory' })
      const greedy = 'x = []\nwhile True:\n  try: x.append(bytearray(8 * 1024 ** 2))\n  except MemoryError: os.abort()'
      expect(await attack(greedy)).toMatchObject({ status: 'killed', exitCode: 134 })
    })

    it('many processes that each take a little less than is allowed', async () => {
      const family = `
import time
for _ in range(6):
    if os.fork() == 0:
        x = bytearray(150 * 1024 ** 2)
        time.sleep(60)
time.sleep(60)`
      expect(await attack(family)).toMatchObject({ status: 'killed', reason: 'memory' })
    })

    it('many processes that each use a little less CPU time than is allowed', async () => {
      const family = 'for _ in range(3): os.fork()\nwhile True: pass'
      expect(await attack(family)).toMatchObject({ status: 'killed', reason: 'cpu' })
    })

    it('a program that fills the disk: one file, many files, many names', async () => {
      const { output } = await attack(`${outcomes}
def one_file():
    with open("/tmp/one", "wb") as file:
        while True: file.write(bytes(2 ** 20))
def many_files():
    for number in range(1000):
        with open(f"/tmp/{number}", "wb") as file: file.write(bytes(2 ** 20))
def many_names():
    for number in range(20_000): open(f"/dev/shm/name-{number}", "w").close()
print(outcome(one_file))
os.remove("/tmp/one")
print(outcome(many_files))
size = os.statvfs("/tmp")
print(size.f_blocks * size.f_frsize)
for name in os.listdir("/tmp"): os.remove("/tmp/" + name)
print(outcome(many_names))
`)
      const [oneFile, manyFiles, size, manyNames] = output.split('\n')
      expect(['EFBIG', 'ENOSPC']).toContain(oneFile)
      expect(manyFiles).toBe('ENOSPC')
      expect(Number(size)).toBe(diskBytes)
      // Bubblewrap sets no limit on names: that many fit, and go with the box.
      expect(['ENOSPC', 'None']).toContain(manyNames)
    })

    it('a program that writes anywhere but in /tmp', async () => {
      const { output, errorOutput } = await attack(`
for folder, folders, files in os.walk("/"):
    if folder == "/":
        folders.remove("tmp")
        folders.remove("proc")
    try:
        open(os.path.join(folder, "written"), "w").close()
        print(folder)
    except OSError: pass
for path in ["/proc/sys/kernel/hostname", "/proc/sysrq-trigger", "/proc/sys/user/max_user_namespaces"]:
    try:
        with open(path, "w") as file: file.write("7")
        print(path)
    except OSError: pass
`)
      expect([output, errorOutput]).toEqual(['', ''])
    })

    it('a program that runs for ever and ignores every signal', async () => {
      const deaf = `
import signal, time
for each in signal.valid_signals() - {signal.SIGKILL, signal.SIGSTOP}:
    try: signal.signal(each, signal.SIG_IGN)
    except OSError: pass
`
      expect(await attack(`${deaf}while True: pass`)).toMatchObject({ status: 'killed', reason: 'cpu' })
      expect(await attack(`${deaf}time.sleep(60)`, { wallMs: 500 })).toMatchObject({ status: 'killed', reason: 'wall' })
    })

    it('a program that stops itself', async () => {
      const stopped = 'import signal\nos.kill(os.getpid(), signal.SIGSTOP)'
      expect(await attack(stopped, { wallMs: 500 })).toMatchObject({ status: 'killed', reason: 'wall' })
    })

    it('endless output, on both streams', async () => {
      const flood = (stream: string) =>
        attack(`while True: sys.${stream}.write("0123456789" * 1000)`, { outputBytes: 12_345 })
      const head = '0123456789'.repeat(2_000).slice(0, 12_345)
      expect(await flood('stdout')).toMatchObject({ status: 'killed', reason: 'output', output: head })
      expect(await flood('stderr')).toMatchObject({ status: 'killed', reason: 'output', errorOutput: head })
    })

    it('a program that kills its parent, its tree, and us', async () => {
      const result = await attack(
        `
for pid in [os.getppid(), 1, int(input()), -1]:
    for each in [9, 15, 19]:
        try: os.kill(pid, each)
        except OSError: pass
os.killpg(0, 9)
`,
        {},
        `${process.pid}\n`,
      )
      expect(result).not.toMatchObject({ status: 'ok' })
      await expectHealth()
    })

    it('a program whose children go on in sessions of their own', async () => {
      const result = await attack(`
import time
for _ in range(3):
    if os.fork() == 0:
        os.setsid()
        if os.fork() == 0: time.sleep(60)
        os._exit(0)
print("gone")
`)
      expect(result).toMatchObject({ status: 'ok', output: 'gone\n' })
      expect(result.wallMs).toBeLessThan(limits.wallMs as number)
    })

    it('a program that wants more rights', async () => {
      const { output, errorOutput } = await attack(`${outcomes}
import ctypes
libc = ctypes.CDLL(None, use_errno=True)
def call(name, *args):
    def action():
        if getattr(libc, name)(*args) < 0: raise OSError(ctypes.get_errno(), name)
    return action
# The fourth is the listing itself.
print(os.getuid() != 0, sorted(os.listdir("/proc/self/fd")) == ["0", "1", "2", "3"])
print(outcome(call("mount", b"none", b"/tmp", b"tmpfs", 0, None)))
print(outcome(call("umount2", b"/tmp", 2)))
print(outcome(call("setuid", 0)))
print(outcome(call("chroot", b"/tmp")))
print(outcome(call("sethostname", b"x", 1)))
print(outcome(call("unshare", 0x10000000)))
print(outcome(call("unshare", 0x00020000)))
print(outcome(call("ptrace", 16, 1, None, None)))
print([line.split()[1] for line in open("/proc/self/status") if line.startswith(("CapEff", "CapPrm", "CapBnd", "NoNewPrivs"))])
`)
      const [identity, ...refusals] = output.trim().split('\n')
      expect(errorOutput).toBe('')
      expect(identity).toBe('True True')
      expect(refusals.pop()).toBe(`['${'0'.repeat(16)}', '${'0'.repeat(16)}', '${'0'.repeat(16)}', '1']`)
      expect(refusals).toHaveLength(8)
      for (const refusal of refusals) expect(['EPERM', 'EINVAL', 'ENOSPC']).toContain(refusal)
    })

    describe('what is ours:', () => {
      const secret = 'a secret of the host'
      let folder = ''
      const server = createServer((socket) => socket.end(secret))
      beforeAll(async () => {
        folder = mkdtempSync(join(tmpdir(), 'inframind-secret-'))
        writeFileSync(join(folder, 'secret'), secret)
        server.listen(0, '127.0.0.1')
        await once(server, 'listening')
      })
      afterAll(() => {
        server.close()
        rmSync(folder, { recursive: true })
      })

      it('our files, our home, our checkout, our environment', async () => {
        const paths = [
          join(folder, 'secret'),
          ...[import.meta.filename, join(homedir(), '.profile'), join(homedir(), '.bashrc')],
          ...['/etc/passwd', '/etc/shadow', '/etc/hostname', '/var/log', '/run', '/sys', '/home', '/boot', '/dev/kmsg'],
          ...[
            `/proc/${process.pid}/environ`,
            '/proc/1/environ',
            '/proc/1/root/etc',
            '/proc/1/cwd',
            '/proc/1/maps',
            '/proc/1/mem',
          ],
        ]
        expect(readFileSync(paths[0] as string, 'utf8')).toBe(secret)
        const { output, errorOutput } = await attack(
          `
for path in input().split("|"):
    try:
        print(path, len(os.listdir(path) if os.path.isdir(path) else open(path, "rb").read()))
    except OSError: pass
print(sorted(os.environ))
print(sorted(os.listdir("/")))
`,
          {},
          `${paths.join('|')}\n`,
        )
        const [top, environment, ...rest] = output.trim().split('\n').reverse()
        expect({ readable: rest, errorOutput }).toEqual({ readable: [], errorOutput: '' })
        expect(environment).toBe(
          "['HOME', 'LANG', 'OMP_NUM_THREADS', 'OPENBLAS_NUM_THREADS', 'PATH', 'PYTHONHASHSEED']",
        )
        const shown = ['bin', 'box', 'dev', 'etc', 'lib', 'lib32', 'lib64', 'libx32', 'proc', 'sbin', 'tmp', 'usr']
        const ofPython = sandbox.python.folders.map((path) => path.split('/')[1] as string)
        const names = [...(top as string).matchAll(/'([^']+)'/g)].map(([, each]) => each as string)
        expect(names.filter((each) => ![...shown, ...ofPython].includes(each))).toEqual([])
      })

      it('our network', async () => {
        const { port } = server.address() as { readonly port: number }
        const { output } = await attack(
          `${outcomes}
import socket
for address in [("127.0.0.1", int(input())), ("192.0.2.1", 80), ("1.1.1.1", 53)]:
    print(outcome(lambda: socket.create_connection(address, timeout=5)))
print(outcome(lambda: socket.getaddrinfo("example.com", 80)))
print([name for _, name in socket.if_nameindex() if name != "lo"])
`,
          {},
          `${port}\n`,
        )
        const [own, test, real, name, devices] = output.split('\n')
        expect(['ECONNREFUSED', 'ENETUNREACH']).toContain(own)
        expect([test, real]).toEqual(['ENETUNREACH', 'ENETUNREACH'])
        expect(name).not.toBe('None')
        expect(devices).toBe('[]')
      })
    })

    it('and leaves nothing of a program in our temporary folder', async () => {
      const name = `inframind-left-${process.pid}`
      expect(await attack(`open("/tmp/${name}", "w").close()`)).toMatchObject({ status: 'ok' })
      expect(existsSync(`/tmp/${name}`)).toBe(false)
      const next = await attack(`print(os.path.exists("/tmp/${name}"))`)
      expect(next.output).toBe('False\n')
    })
  })
})
