import { accessSync, constants, statfsSync } from 'node:fs'

const MEMORY = '/dev/shm'

/**
 * Temporary directories lie in memory from now on, where there is such a place with so many bytes free: for runs that are not about the
 * durability of a disk.
 */
export function useMemory(bytes: number): void {
  try {
    accessSync(MEMORY, constants.W_OK)
    const { bavail, bsize } = statfsSync(MEMORY)
    if (bavail * bsize >= bytes) process.env['TMPDIR'] = MEMORY
  } catch {
    // then they lie where temporary files lie
  }
}
