import { once } from 'node:events'
import { open, readdir } from 'node:fs/promises'
import { Worker } from 'node:worker_threads'
import { syncDirectory } from './durable.ts'
import { hasLibc } from './libc.ts'
import { joinBytes } from './tree-path.ts'

/** Makes all files and names under a directory durable: with one sync of its file system where the C library can be called. */
export async function syncTree(path: string): Promise<void> {
  if (!hasLibc) {
    await syncEach(Buffer.from(path))
    return
  }
  const thread = new Worker(new URL('./sync-thread.ts', import.meta.url), { workerData: path })
  await once(thread, 'exit') // an error of the thread rejects this
}

async function syncEach(path: Buffer): Promise<void> {
  for (const entry of await readdir(path, { withFileTypes: true, encoding: 'buffer' })) {
    const child = joinBytes(path, entry.name)
    if (entry.isDirectory()) await syncEach(child)
    else if (entry.isFile()) {
      const file = await open(child, 'r')
      try {
        await file.sync()
      } finally {
        await file.close()
      }
    }
  }
  await syncDirectory(path)
}
