/**
 * @file A level of containment: how to start one untrusted program so that it can harm nothing.
 *
 * Every level is one function from a box (what the program may use) to one command line for `run-program.ts`, which
 * feeds, watches and kills it in the same way whatever the level. The convention between the two: the command reads the
 * program's source from descriptor 3 and its input from descriptor 4, each to the end; it writes one line to descriptor 5
 * when everything is in place and the program itself is about to start, and leaves none of the three to the program.
 */

/** From strongest to weakest: the order in which they are tried. */
export const levelNames = ['bwrap', 'unshare', 'pyodide', 'plain'] as const

export type LevelName = (typeof levelNames)[number]

/** Where Python is. All paths are absolute, with links resolved. */
export interface PythonInstall {
  readonly executable: string
  /** Folders outside /usr that it needs: its own prefix, the prefix under a virtual environment. */
  readonly folders: readonly string[]
  /** `3.11.7`. */
  readonly version: string
}

/** What one program may use, in the units of the system calls. */
export interface Box {
  readonly python: PythonInstall
  readonly cpuSeconds: number
  readonly memoryBytes: number
  /** Of all files that it may write, and of each. */
  readonly diskBytes: number
  /** Processes and threads. */
  readonly processes: number
}

export interface Launch {
  readonly command: string
  readonly args: readonly string[]
  /** A folder made for this one program, to be removed when it has ended. */
  readonly folder?: string
}

export interface Level {
  readonly name: LevelName
  /** What it holds back, in a few words for reports. */
  readonly contains: string
  launch(box: Box): Launch
}
