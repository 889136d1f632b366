import type { Stats } from 'node:fs'
import { lstat } from 'node:fs/promises'
import { systemCode } from './errors.ts'

/** What a look at a path gives; undefined where there is nothing of that name. Throws every other error of the file system. */
export async function orAbsent<T>(look: () => Promise<T>): Promise<T | undefined> {
  try {
    return await look()
  } catch (error) {
    if (['ENOENT', 'ENOTDIR'].includes(systemCode(error) ?? '')) return undefined
    throw error
  }
}

/** What stands at a path itself (a link is not followed); undefined where nothing does. */
export async function lstatIf(path: string): Promise<Stats | undefined> {
  return await orAbsent(async () => await lstat(path))
}
