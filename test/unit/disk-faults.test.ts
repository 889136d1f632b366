import {
  clearDiskFaults,
  diskFaultHits,
  setDiskFaults,
  type DiskFault,
} from '../support/faults/disk-faults.ts'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { closeSync, fdatasyncSync, openSync, read, readFileSync, writeSync } from 'node:fs'
import { copyFile, link, mkdir, open, readFile, rename, rm, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { Worker } from 'node:worker_threads'
import { afterEach, describe, expect, test } from 'vitest'
import { systemCode } from '../../src/core/errors.ts'
import { exchange, hasLibc } from '../../src/store/libc.ts'
import { syncTree } from '../../src/store/sync-tree.ts'
import { faultEnvironment } from '../support/faults/disk-faults.ts'
import { tempDir } from '../support/temp-dir.ts'

afterEach(clearDiskFaults)

/** The code of the error that a call ends with; undefined when it does not. */
async function codeOf(call: () => unknown): Promise<string | undefined> {
  try {
    await call()
    return undefined
  } catch (error) {
    return systemCode(error)
  }
}

function set(kind: DiskFault['kind'], under: string, rest: Partial<DiskFault> = {}): void {
  setDiskFaults([{ kind, under, after: 0, times: Infinity, ...rest }])
}

describe.skipIf(process.platform !== 'linux')('faults of a disk', () => {
  test('nothing goes wrong without a fault, elsewhere, or with another path', async () => {
    const path = await tempDir()
    const write = async () => await writeFile(join(path, 'a'), 'x')
    expect(await codeOf(write)).toBeUndefined()
    set('full', `${path}-not`)
    expect(await codeOf(write)).toBeUndefined()
    set('full', path, { path: 'b' })
    expect(await codeOf(write)).toBeUndefined()
    expect(diskFaultHits()).toBe(0)
    set('full', path, { path: 'a' })
    expect(await codeOf(write)).toBe('ENOSPC')
    expect(diskFaultHits()).toBe(1)
    clearDiskFaults()
    expect(await codeOf(write)).toBeUndefined()
  })

  test('a full disk: files, directories, links, writes by handle and by descriptor', async () => {
    const path = await tempDir()
    const file = join(path, 'file')
    await writeFile(file, 'x')
    const handle = await open(file, 'r+')
    const fd = openSync(file, 'r+')
    try {
      set('full', path)
      for (const call of [
        async () => await open(join(path, 'new'), 'wx'),
        () => openSync(join(path, 'new'), 'wx'),
        async () => await mkdir(join(path, 'directory')),
        async () => await link(file, join(path, 'link')),
        async () => await symlink('file', join(path, 'link')),
        async () => await copyFile(file, join(path, 'copy')),
        async () => await handle.write(Buffer.from('y'), 0, 1, 0),
        async () => await handle.writeFile('y'),
        () => writeSync(fd, Buffer.from('y'), 0, 1, 0),
      ])
        expect(await codeOf(call), String(call)).toBe('ENOSPC')
      expect(await readFile(file, 'utf8')).toBe('x') // reading still works
    } finally {
      await handle.close()
      closeSync(fd)
    }
  })

  test('errors of reads, syncs and renames come in each way of calling', async () => {
    const path = await tempDir()
    const file = join(path, 'file')
    await writeFile(file, 'x')
    const handle = await open(file, 'r+')
    const fd = openSync(file, 'r+')
    const buffer = Buffer.alloc(1)
    try {
      set('read-error', path)
      expect(await codeOf(() => readFileSync(file))).toBe('EIO')
      expect(await codeOf(async () => await readFile(file))).toBe('EIO')
      expect(await codeOf(async () => await handle.read(buffer, 0, 1, 0))).toBe('EIO')
      expect(await codeOf(async () => await promisify(read)(fd, buffer, 0, 1, 0))).toBe('EIO')
      set('sync-error', path)
      expect(await codeOf(async () => await handle.sync())).toBe('EIO')
      expect(await codeOf(async () => await handle.datasync())).toBe('EIO')
      expect(await codeOf(() => fdatasyncSync(fd))).toBe('EIO')
      set('rename-error', path)
      expect(await codeOf(async () => await rename(file, join(path, 'other')))).toBe('EIO')
      clearDiskFaults()
      expect((await promisify(read)(fd, buffer, 0, 1, 0)).bytesRead).toBe(1)
    } finally {
      await handle.close()
      closeSync(fd)
    }
  })

  test('so many operations pass first, so many fail', async () => {
    const path = await tempDir()
    const file = join(path, 'file')
    const fd = openSync(file, 'wx')
    const codes: unknown[] = []
    try {
      set('write-error', path, { after: 2, times: 3 })
      for (let i = 0; i < 7; i++) codes.push(await codeOf(() => writeSync(fd, Buffer.from('x'))))
    } finally {
      closeSync(fd)
    }
    expect(codes).toEqual([undefined, undefined, 'EIO', 'EIO', 'EIO', undefined, undefined])
    expect(diskFaultHits()).toBe(3)
    expect(await readFile(file, 'utf8')).toBe('xxxx')
  })

  test('a torn write leaves half of its bytes', async () => {
    const path = await tempDir()
    const handle = await open(join(path, 'file'), 'wx')
    try {
      set('torn-write', path, { times: 1 })
      expect(await codeOf(async () => await handle.write(Buffer.alloc(1000, 'x'), 0, 1000, 0))).toBe('EIO')
      expect((await handle.stat()).size).toBe(500)
    } finally {
      await handle.close()
    }
    setDiskFaults([{ kind: 'torn-write', under: path, after: 0, times: 1 }])
    expect(await codeOf(async () => await writeFile(join(path, 'whole'), 'abcd'))).toBe('EIO')
    expect(await readFile(join(path, 'whole'), 'utf8')).toBe('ab')
  })

  test('threads have the same faults and count together', async () => {
    const path = await tempDir()
    const code = `
      const { parentPort, workerData } = require('node:worker_threads')
      const { writeFileSync } = require('node:fs')
      parentPort.on('message', () => {
        try { writeFileSync(workerData, 'x'); parentPort.postMessage('done') } catch (error) { parentPort.postMessage(error.code) }
      })`
    const thread = new Worker(code, { eval: true, workerData: join(path, 'file') })
    const answer = async () => {
      thread.postMessage('')
      return (await once(thread, 'message'))[0] as string
    }
    try {
      set('full', path)
      expect(await answer()).toBe('ENOSPC')
      expect(diskFaultHits()).toBe(1)
      clearDiskFaults()
      expect(await answer()).toBe('done')
    } finally {
      await thread.terminate()
    }
  })

  test.runIf(hasLibc)('the calls of the C library fail, too', async () => {
    const path = await tempDir()
    const [one, other] = [join(path, 'one'), join(path, 'other')]
    await writeFile(one, '1')
    await writeFile(other, '2')
    set('rename-error', path)
    expect(await codeOf(() => exchange(one, other))).toBe('EIO')
    expect(await readFile(one, 'utf8')).toBe('1')
    set('sync-error', path)
    expect(await codeOf(async () => await syncTree(path))).toBe('EIO')
    clearDiskFaults()
    exchange(one, other)
    expect(await readFile(one, 'utf8')).toBe('2')
    await syncTree(path)
  })

  /** Runs a program in which faults come; how it ended. */
  async function run(program: string, faults: DiskFault[]): Promise<NodeJS.Signals | number> {
    const child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', '-e', program], {
      env: { ...process.env, ...faultEnvironment(faults) },
      stdio: 'inherit',
    })
    const [code, signal] = (await once(child, 'exit')) as [number, NodeJS.Signals | null]
    return signal ?? code
  }

  test('a child process is killed before, during or after an operation, in a thread as well', async () => {
    const path = await tempDir()
    const file = join(path, 'file')
    const name = JSON.stringify(file)
    const write = `require('node:fs').writeFileSync(${name}, 'abcd')`
    const rm_ = async () => await rm(file, { force: true })
    const kill = (rest: Partial<DiskFault>): DiskFault[] => [
      { kind: 'kill', under: path, after: 0, times: 1, ...rest },
    ]
    expect(await run(write, kill({ on: 'rename' }))).toBe(0)
    expect(await readFile(file, 'utf8')).toBe('abcd')
    await rm_()
    expect(await run(write, kill({ on: 'write' }))).toBe('SIGKILL')
    expect(await codeOf(async () => await readFile(file))).toBe('ENOENT')
    expect(await run(write, kill({ on: 'write', when: 'during' }))).toBe('SIGKILL')
    expect(await readFile(file, 'utf8')).toBe('ab')
    await rm_()
    const inThread = `new (require('node:worker_threads').Worker)(${JSON.stringify(write)}, { eval: true })`
    expect(await run(inThread, kill({ on: 'write', when: 'after' }))).toBe('SIGKILL')
    expect(await readFile(file, 'utf8')).toBe('abcd')
  })

  test('a child process is killed before or after a COMMIT', async () => {
    const path = await tempDir()
    const file = join(path, 'db')
    const open_ = `const db = new (require('node:sqlite').DatabaseSync)(${JSON.stringify(file)});`
    const insert = `${open_} db.exec('CREATE TABLE IF NOT EXISTS t (a)'); db.exec('BEGIN'); db.exec('INSERT INTO t VALUES (1)'); db.exec('COMMIT')`
    const count = async () =>
      await run(`${open_} process.exit(db.prepare('SELECT count(*) AS n FROM t').get().n)`, [])
    const commit = (when: 'before' | 'after'): DiskFault[] => [
      { kind: 'kill', under: path, after: 0, times: 1, on: 'commit', when },
    ]
    expect(await run(insert, commit('before'))).toBe('SIGKILL')
    expect(await count()).toBe(0)
    expect(await run(insert, commit('after'))).toBe('SIGKILL')
    expect(await count()).toBe(1)
  })
})
