import { DatabaseSync } from 'node:sqlite'
import { parentPort, workerData } from 'node:worker_threads'

// A thread that holds a database locked for a while: whoever wants to write waits, this thread must not be among them.

const { path, ms } = workerData as { path: string; ms: number }
const db = new DatabaseSync(path)
db.exec('PRAGMA busy_timeout = 5000; BEGIN EXCLUSIVE')
parentPort?.postMessage('held', [])
Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms)
db.exec('ROLLBACK')
db.close()
