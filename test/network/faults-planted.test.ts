import {
  closeSync,
  cpSync,
  mkdirSync,
  openSync,
  realpathSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { encodeEvent, encodeJournalAnswer, encodeJournalRequest } from '../../src/wire/journal.ts'
import { encodeReceipt } from '../../src/wire/receipt.ts'
import { testKey } from '../support/keys.ts'
import { testImage } from '../support/manifests.ts'
import { checkFacts } from '../support/simnet/check-facts.ts'
import { converge } from '../support/simnet/converge.ts'
import { openHandles } from '../support/simnet/handles.ts'
import { importImage } from '../support/simnet/make.ts'
import { rot } from '../support/simnet/rot-faults.ts'
import { requireClosed } from '../support/simnet/scenario.ts'
import type { SimNetwork } from '../support/simnet/sim-network.ts'
import { copyHome, type SimServer } from '../support/simnet/sim-server.ts'
import { SimRun } from '../support/simnet/sim-run.ts'
import { subscribe } from '../support/simnet/subscribe.ts'

// What judges the runs under faults is judged here: each thing that must not be is planted, and has to be found.

let run: SimRun
let network: SimNetwork
let origin: SimServer
let here: SimServer
let far: SimServer
/** The file of a replica at `here`. */
let replica: string

/** A healthy chain of three, in which server1 has the image of server0. Each test leaves it healthy, but the last one. */
beforeAll(async () => {
  run = await SimRun.start({ seed: 7, servers: 3, topology: 'chain', sizes: 'small', faults: [] })
  network = run.network
  ;[origin, here, far] = network.servers as [SimServer, SimServer, SimServer]
  await subscribe(network, here, { peer: origin, number: 7 })
  await importImage(network, origin, { b: 2, c: 0 })
  await run.finish(20_000)
  replica = realpathSync(join(here.images, 'server0', 'image0'))
})
afterAll(async () => await run.stop())

const look = async () => await run.checker.look(here)

/** Plants something, which has to be found, and takes it away again. */
async function planted(plant: () => void, found: string, undo: () => void): Promise<void> {
  await look()
  plant()
  await expect(look()).rejects.toThrow(found)
  undo()
  await look()
}

describe('the checks of runs under faults find', () => {
  test('nothing in a healthy network', async () => {
    expect(await run.finish(20_000)).toBeLessThan(20_000)
    expect(run.checker.looks).toBeGreaterThan(3)
  })

  test('a wrong byte in an enabled image, one of which a part is missing, and a link to nothing', async () => {
    const copy = join(network.root, 'copy')
    cpSync(replica, copy)
    const undo = () => cpSync(copy, replica)
    await planted(() => rot(replica, 0), 'other bytes than the image has', undo)
    await planted(() => truncateSync(replica, 100), 'other bytes than the image has', undo)
    await planted(() => rmSync(replica), 'leads to nothing', undo)
  })

  test('a content that no image has', async () => {
    const directory = join(here.images, 'content', 'abc')
    const plant = () => {
      mkdirSync(directory)
      writeFileSync(join(directory, 'image'), 'half of it')
    }
    await planted(plant, 'bytes that no image has', () => rmSync(directory, { recursive: true }))
  })

  test('an image that nobody made', async () => {
    const options = { signal: new AbortController().signal, onProgress: () => {} }
    await here.client.importImage({ image: 'stray', path: replica, private: true }, options)
    await expect(look()).rejects.toThrow('which nobody made')
    await here.client.deleteImage('./stray')
    await look()
  })

  test('an image of a server that is no peer', async () => {
    const directory = join(far.images, 'server0')
    mkdirSync(directory)
    symlinkSync(replica, join(directory, 'image0'))
    await expect(run.checker.look(far)).rejects.toThrow('which is no peer of it')
    rmSync(directory, { recursive: true })
    await run.checker.look(far)
  })

  test('an announcement of what somebody else made, and a receipt to somebody else', async () => {
    const [maker, liar] = [await testKey('maker'), await testKey('liar')]
    const image = testImage(maker)
    const body = encodeEvent({ type: 'image-published', image })
    const entry = {
      seq: 1,
      time: 1,
      previous: image.id,
      bodyDigest: image.id,
      body,
      signature: Buffer.alloc(64),
    }
    const frame = { peerId: 'somebody', kind: 'frame' } as const
    const announces = (from: string, stream: number) => {
      const on = { ...frame, protocol: '/ingot/journal/1', stream }
      network.wire.see(from, { ...on, direction: 'in', bytes: encodeJournalRequest(ask) })
      network.wire.see(from, {
        ...on,
        direction: 'out',
        bytes: encodeJournalAnswer({ type: 'entry', entry }),
      })
    }
    const ask = { type: 'open', open: { cursor: undefined, headOnly: false } } as const
    const told = encodeReceipt({ image: image.id, state: 'enabled', reason: '', time: 1 })
    const receipt = { ...frame, protocol: '/ingot/receipt/1', direction: 'out', bytes: told } as const
    announces(maker.peerId, 1_000_001)
    network.wire.see('holder', { ...receipt, peerId: maker.peerId, stream: 1_000_002 })
    await look()
    announces(liar.peerId, 1_000_003)
    network.wire.see('holder', { ...receipt, stream: 1_000_004 })
    expect(network.wire.faults).toEqual([
      `${liar.peerId} announced debian-13 of ${maker.peerId} to somebody`,
      `holder told somebody of an image of ${maker.peerId}`,
    ])
    await expect(look()).rejects.toThrow('announced debian-13')
    network.wire.faults.length = 0
  })

  test('an image, a state, a series, a subscription, a registration and a replica that were acknowledged and are lost', async () => {
    const plants: [SimServer, () => void, string][] = [
      [origin, () => origin.facts.images.set('ghost', 'PUBLISHED'), 'lost its image ghost'],
      [origin, () => origin.facts.images.set('image0', 'TESTABLE'), 'lost the state TESTABLE'],
      [origin, () => origin.facts.series.set('lts', new Set()), 'lost its series lts'],
      [here, () => here.facts.subscriptions.add('server0 series lts'), 'lost its subscription'],
      [here, () => here.facts.peers.add('server9'), 'lost its registration of server9'],
      [here, () => here.facts.replicas.add('ghost'), 'lost its replica ghost'],
    ]
    for (const [server, plant, found] of plants) {
      const before = server.facts.copy()
      await checkFacts(network, server)
      plant()
      await expect(checkFacts(network, server)).rejects.toThrow(found)
      server.facts = before
    }
  })

  test('what is left in staging', async () => {
    const left = join(here.images, 'staging', 'import-left')
    mkdirSync(left)
    await expect(converge(network, 200)).rejects.toThrow('import-left lies in staging')
    rmSync(left, { recursive: true })
  })

  test('an image that does not come', async () => {
    const line = network.lineOf(origin, here)
    line.refusing++
    line.cut()
    await importImage(network, origin, { b: 3, c: 0 })
    await expect(converge(network, 200)).rejects.toThrow('server0/image1 is missing')
    line.refusing--
    await converge(network, 20_000)
  })

  test('handles that stay open', async () => {
    const before = openHandles()
    const files = Array.from({ length: 40 }, () => openSync('/dev/null', 'r'))
    await expect(requireClosed(before, 100)).rejects.toThrow('handles are open')
    for (const file of files) closeSync(file)
    await requireClosed(before, 1000)
  })

  test('a journal that stepped back, where nobody restored a backup', async () => {
    const copy = `${origin.home}.old`
    copyHome(origin.home, copy)
    await importImage(network, origin, { b: 4, c: 0 })
    await converge(network, 20_000)
    await origin.stop()
    await origin.replaceHome(copy)
    await origin.start()
    await expect(converge(network, 20_000)).rejects.toThrow('does not publish')
    await expect(run.checker.look(origin)).rejects.toThrow('does not publish')
  })
})
