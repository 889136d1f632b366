import { appendFileSync, fstatSync, readFileSync, statSync, writeFileSync, type BigIntStats } from 'node:fs'
import { getEnvironmentData, setEnvironmentData } from 'node:worker_threads'

/**
 * What was written and synced, in all threads: tells of each file which of its pages are not on the disk for sure. A page is *dirty*
 * after a write, clean after a sync that began later, and *lost* after a sync that failed: the system may have dropped it, and only
 * another write makes another sync count for it.
 */

const KEY = 'ingot test ledger'
const PAGE_BYTES = 4096
/** Before anything is wrapped. */
const append = appendFileSync

/** This module may be loaded twice in a thread: by itself and by the tests. */
const ledgerPath = () => getEnvironmentData(KEY) as string | undefined

/** Begins a ledger in a file; before the threads that shall write to it are started. */
export function startLedger(file: string): void {
  writeFileSync(file, '')
  setEnvironmentData(KEY, file)
}

export function stopLedger(): void {
  setEnvironmentData(KEY, undefined)
}

/** Inodes are used again: with the time of birth they are not. */
const keyOf = ({ dev, ino, birthtimeNs }: BigIntStats) => `${dev}:${ino}:${birthtimeNs}`

/** `length` bytes were written at `position`; at the end of the file where that is not known. */
export function noteWrite(fd: number, position: number | undefined, length: number): void {
  const path = ledgerPath()
  if (path === undefined || length === 0) return
  const found = fstatSync(fd, { bigint: true })
  if (!found.isFile()) return
  const from = position ?? Number(found.size) - length
  append(path, `write ${keyOf(found)} ${from} ${length}\n`)
}

/** A whole file was written. */
export function noteWhole(file: string | Buffer | URL): void {
  const path = ledgerPath()
  if (path === undefined || file === path) return
  const found = statSync(file, { bigint: true })
  append(path, `write ${keyOf(found)} 0 ${found.size}\n`)
}

let syncs = 0
const thread = Math.floor(Math.random() * 2 ** 40)

/** A sync begins, of a file or of everything; the returned function tells how it ended. */
export function noteSync(fd: number, what: 'file' | 'all'): (ended: 'synced' | 'failed') => void {
  const file = ledgerPath()
  if (file === undefined) return () => {}
  const id = `${thread}-${++syncs}`
  append(file, `begin ${id} ${what === 'all' ? 'all' : keyOf(fstatSync(fd, { bigint: true }))}\n`)
  return (ended) => append(file, `${ended} ${id}\n`)
}

interface Pages {
  dirty: Set<number>
  lost: Set<number>
}

/** What a ledger says of files that are there (paths as latin1: names may be no UTF-8): the pages of each that are not on the disk for sure. */
export function unsafePages(
  ledger: string,
  files: readonly string[],
): { file: string; dirty: number; lost: number }[] {
  const pages = replay(readFileSync(ledger, 'utf8'))
  return files.flatMap((file) => {
    const found = pages.get(keyOf(statSync(Buffer.from(file, 'latin1'), { bigint: true })))
    const counts = { dirty: found?.dirty.size ?? 0, lost: found?.lost.size ?? 0 }
    return counts.dirty + counts.lost === 0 ? [] : [{ file, ...counts }]
  })
}

function replay(text: string): Map<string, Pages> {
  const files = new Map<string, Pages>()
  const of = (key: string): Pages => {
    const found = files.get(key) ?? { dirty: new Set(), lost: new Set() }
    files.set(key, found)
    return found
  }
  /** Of each sync that began: the pages that were dirty then. */
  const begun = new Map<string, [Pages, number[]][]>()
  for (const line of text.split('\n')) {
    const [what, id = '', from = '0', length = '0'] = line.split(' ')
    if (what === 'write') {
      const { dirty, lost } = of(id)
      const last = Math.floor((Number(from) + Number(length) - 1) / PAGE_BYTES)
      for (let page = Math.floor(Number(from) / PAGE_BYTES); page <= last; page++) {
        lost.delete(page)
        dirty.add(page)
      }
    } else if (what === 'begin') {
      const synced = from === 'all' ? [...files.values()] : [of(from)]
      begun.set(
        id,
        synced.map((pages) => [pages, [...pages.dirty]]),
      )
    } else if (what === 'synced' || what === 'failed') {
      for (const [{ dirty, lost }, then] of begun.get(id) ?? [])
        for (const page of then) if (dirty.delete(page) && what === 'failed') lost.add(page)
    }
  }
  return files
}
