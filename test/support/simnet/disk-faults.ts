import { join } from 'node:path'
import { setDiskFaults, type DiskFault } from '../faults/disk-faults.ts'
import { take, type FaultMaker } from './fault.ts'

/** Faults that are in force now, of all servers of this process. */
const inForce = new Set<DiskFault>()

/** Where in the images directory of a server its disk is at fault; `content` and the links with the rest. */
const PLACES = ['', 'staging', 'content'] as const

/** Some operations on the images of a server fail, from the first or a later one on: few, or all until it ends. */
function ofDisk(kind: Exclude<DiskFault['kind'], 'kill'>): FaultMaker {
  return (network, { a, b, c }) => {
    const server = take(network, a)
    if (server === undefined) return undefined
    const under = join(server.images, PLACES[b % PLACES.length] as string)
    const times = c % 3 === 0 ? Infinity : 1 + (c % 5)
    const fault: DiskFault = { kind, under, after: (b >> 2) % 40, times }
    return {
      what: `the disk of ${server.name}: ${kind} under ${PLACES[b % PLACES.length]}/, ${times} times after ${fault.after}`,
      begin: () => {
        server.isTroubled = true
        inForce.add(fault)
        setDiskFaults([...inForce])
      },
      end: () => {
        inForce.delete(fault)
        setDiskFaults([...inForce])
        server.isTroubled = false
        server.isTaken = false
      },
    }
  }
}

/** What goes wrong with the disk of a server. */
export const diskFaults = {
  'disk-full': ofDisk('full'),
  'disk-read-error': ofDisk('read-error'),
  'disk-write-error': ofDisk('write-error'),
  'disk-torn-write': ofDisk('torn-write'),
  'disk-sync-error': ofDisk('sync-error'),
  'disk-rename-error': ofDisk('rename-error'),
} satisfies Record<string, FaultMaker>
