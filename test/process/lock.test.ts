import { access, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import type { StatusDocument } from '../../src/control/documents.ts'
import { testBed, type Daemon } from '../support/daemon.ts'

/** The file that says who holds a home; undefined where there is none. */
async function holder(daemon: Daemon): Promise<unknown> {
  return await readFile(join(daemon.home, 'run', 'holder.json'), 'utf8').then(JSON.parse, () => undefined)
}

test('a second daemon on a home that is held ends with 5, says who holds it, and leaves the first alone', async () => {
  const bed = await testBed()
  const first = await bed.start('hq')
  const second = await first.ingot('daemon', '--listen', '/ip4/127.0.0.1/tcp/0')
  expect(second.code).toBe(5)
  expect(second.stdout).toBe('')
  expect(second.stderr).toContain(first.home)
  expect(second.stderr).toContain(`pid ${first.child.pid}`)
  expect(second.stderr).toContain('choose another --home')

  const document = await first.ingot('daemon', '--listen', '/ip4/127.0.0.1/tcp/0', '--json')
  expect(document.code).toBe(5)
  expect(JSON.parse(document.stderr)).toMatchObject({ error: { code: 'conflict' } })

  expect(await holder(first)).toMatchObject({ pid: first.child.pid })
  expect((await first.json<StatusDocument>('status')).pid).toBe(first.child.pid)
})

test('of several daemons that start on one home at once, one runs and the others end with 5', async () => {
  const bed = await testBed()
  const daemons = [bed.daemon('hq'), bed.daemon('hq'), bed.daemon('hq')]
  const children = [] as Awaited<ReturnType<Daemon['launch']>>[]
  for (const daemon of daemons) children.push(await daemon.launch())
  const ready = async (child: (typeof children)[number]) =>
    await new Promise<'ready'>((resolve) => child.process.stdout?.once('data', () => resolve('ready')))
  const outcomes = await Promise.all(
    children.map(async (child) => await Promise.race([ready(child), child.ended.then(({ code }) => code)])),
  )
  expect(outcomes.map(String).sort()).toEqual(['5', '5', 'ready'])
})

test('the home of a killed daemon can be taken at once, and is the same server', async () => {
  const bed = await testBed()
  const daemon = bed.daemon('hq')
  const before = await daemon.start()
  await daemon.kill()
  expect(await holder(daemon)).toMatchObject({ pid: before.pid }) // left behind, and no lie to the next one
  const after = await daemon.start()
  expect(after.peerId).toBe(before.peerId)
  expect(after.pid).not.toBe(before.pid)
  expect(await holder(daemon)).toMatchObject({ pid: after.pid })
})

test.each(['SIGTERM', 'SIGINT'] as const)(
  '%s stops a daemon in order: exit 0, no holder, no socket, and the home can be taken',
  async (signal) => {
    const bed = await testBed()
    const daemon = await bed.start('hq')
    const ended = await daemon.child.end(signal)
    expect(ended).toMatchObject({ code: 0, signal: null })
    expect(ended.stderr).toContain('stopping')
    expect(await holder(daemon)).toBeUndefined()
    await expect(access(join(daemon.home, 'run', 'control.sock'))).rejects.toThrow('ENOENT')
    await daemon.start()
  },
)
