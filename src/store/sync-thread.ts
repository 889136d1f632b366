import { workerData } from 'node:worker_threads'
import { syncFileSystem } from './libc.ts'

// The thread of TreeSync: one call that waits for the disk, so that the others need not.
syncFileSystem(workerData as number)
