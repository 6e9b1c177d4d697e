/**
 * @file Level `plain`: an ordinary subprocess with limits. It contains mistakes, not malice.
 *
 * The program can read what we can read, reach the network, kill us, and outlive its end in a session of its own. So it
 * stands behind an explicit `unsafe`. It runs in a folder of its own; if our process is killed meanwhile, the folder
 * stays behind, and the program until its CPU time is used up.
 */
import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Box, Launch, Level } from './level.ts'
import { pythonCommand } from './program-command.ts'

/** Arguments: folder, seconds of CPU, KiB of memory, blocks of 512 bytes per file, the command. Not every system limits memory. */
const script = `set -eu
cd "$1"
cat <&3 > main.py
cat <&4 > input
exec 3<&- 4<&-
ulimit -c 0
ulimit -t "$2"
ulimit -f "$4"
ulimit -v "$3" 2> /dev/null || true
echo started >&5
shift 4
exec env -i PATH=/usr/bin:/bin HOME="$PWD" LANG=C.UTF-8 PYTHONHASHSEED=0 "$@" < input 5>&-
`

export const plainLevel: Level = {
  name: 'plain',
  contains: 'CPU time, memory and file size of one process; nothing else',
  launch(box: Box): Launch {
    const folder = mkdtempSync(join(tmpdir(), 'inframind-program-'))
    const limits = [box.cpuSeconds, Math.floor(box.memoryBytes / 1024), Math.ceil(box.diskBytes / 512)]
    const python = pythonCommand(box.python.executable, 'main.py')
    return { command: 'sh', args: ['-c', script, 'sh', folder, ...limits.map(String), ...python], folder }
  },
}
