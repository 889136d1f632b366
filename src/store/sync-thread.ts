import { closeSync, openSync } from 'node:fs'
import { workerData } from 'node:worker_threads'
import { syncFileSystem } from './libc.ts'

// The thread of syncTree(): one call that waits for the disk, so that the others need not.
const directory = openSync(workerData as string, 'r')
try {
  syncFileSystem(directory)
} finally {
  closeSync(directory)
}
