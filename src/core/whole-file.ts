import { open, rm } from 'node:fs/promises'

/**
 * Writes a new file and syncs it, in place of what an end in the middle left at `path`: for a name that is then given to it, so that
 * it appears whole or not at all.
 */
export async function writeWhole(path: string, bytes: Uint8Array | string, mode: number): Promise<void> {
  await rm(path, { force: true })
  const file = await open(path, 'wx', mode)
  try {
    await file.writeFile(bytes)
    await file.sync()
  } finally {
    await file.close()
  }
}
