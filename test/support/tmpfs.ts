import { execFileSync } from 'node:child_process'
import { mkdir, mkdtemp, rmdir } from 'node:fs/promises'
import { mkdtempSync, rmdirSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Bed } from './daemon.ts'

/** A file system of a few megabytes, to be filled: only root can make one. */

function mount(path: string, bytes: number): void {
  execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${bytes}`, 'tmpfs', path], { stdio: 'ignore' })
}

/** True when this process may mount; found out by doing so. */
export const canMount: boolean = (() => {
  if (process.getuid?.() !== 0) return false
  const path = mkdtempSync(join(tmpdir(), 'ingot-test-mount-'))
  try {
    mount(path, 65_536)
    execFileSync('umount', [path])
    return true
  } catch {
    return false // a container without the right to mount
  } finally {
    rmdirSync(path)
  }
})()

/** Mounts a file system of `bytes` in the bed, somewhere or `at` a path; it goes with the bed. Resolves to its path. */
export async function smallDisk(bed: Bed, bytes: number, at?: string): Promise<string> {
  await mkdir(at ?? bed.file('disks'), { recursive: true })
  const path = at ?? (await mkdtemp(join(bed.file('disks'), 'disk-')))
  mount(path, bytes)
  bed.onEnd(async () => {
    execFileSync('umount', [path])
    await rmdir(path)
  })
  return path
}
