import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'

/** A new directory that is removed when the running test has ended. */
export async function tempDir(): Promise<string> {
  const path = await mkdtemp(join(tmpdir(), 'ingot-test-'))
  onTestFinished(async () => await rm(path, { recursive: true, force: true }))
  return path
}
