import { isMainThread } from 'node:worker_threads'
import type { DiskFault } from './disk-fault.ts'
import { FAULTS_VARIABLE, setDiskFaults } from './disk-faults.ts'

// Preloaded with `node --import`: the faults are in the environment, and all threads share them.
const told = process.env[FAULTS_VARIABLE]
if (isMainThread && told !== undefined) setDiskFaults(JSON.parse(told) as DiskFault[])
