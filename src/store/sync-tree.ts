import { once } from 'node:events'
import { open, readdir, type FileHandle } from 'node:fs/promises'
import { Worker } from 'node:worker_threads'
import { syncDirectory, syncFile } from './durable.ts'
import { hasLibc } from './libc.ts'
import { joinBytes } from './tree-path.ts'

/**
 * Makes all files and names under a directory durable: with one sync of its file system where the C library can be called. To be
 * opened before the first write: the system tells of a write that failed in the background only those who had something open
 * on the file system by then, and each once.
 */
export class TreeSync {
  readonly #path: string
  readonly #directory: FileHandle
  /** Why a sync failed: what it could not write may be dropped, and the next sync would not tell. */
  #failure: Error | undefined

  private constructor(path: string, directory: FileHandle) {
    this.#path = path
    this.#directory = directory
  }

  static async open(path: string): Promise<TreeSync> {
    return new TreeSync(path, await open(path, 'r'))
  }

  /** Throws what it threw before, once it failed. */
  async sync(): Promise<void> {
    if (this.#failure !== undefined) throw this.#failure
    try {
      if (hasLibc) await syncInThread(this.#directory.fd)
      else await syncEach(Buffer.from(this.#path))
    } catch (error) {
      this.#failure = error as Error
      throw error
    }
  }

  async close(): Promise<void> {
    await this.#directory.close()
  }
}

/** Makes everything under a directory durable, of which nothing was written that could have failed by now. */
export async function syncTree(path: string): Promise<void> {
  const sync = await TreeSync.open(path)
  try {
    await sync.sync()
  } finally {
    await sync.close()
  }
}

async function syncInThread(fd: number): Promise<void> {
  const thread = new Worker(new URL('./sync-thread.ts', import.meta.url), { workerData: fd })
  await once(thread, 'exit') // an error of the thread rejects this
}

async function syncEach(path: Buffer): Promise<void> {
  for (const entry of await readdir(path, { withFileTypes: true, encoding: 'buffer' })) {
    const child = joinBytes(path, entry.name)
    if (entry.isDirectory()) await syncEach(child)
    else if (entry.isFile()) await syncFile(child)
  }
  await syncDirectory(path)
}
