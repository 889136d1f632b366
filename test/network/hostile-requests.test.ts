import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { fromDigest, type Digest } from '../../src/image/digest.ts'
import { decodeContentAnswer, encodeContentRequest } from '../../src/wire/content.ts'
import { defaultLimits } from '../../src/core/limits.ts'
import { decodeReceiptAck, encodeReceipt } from '../../src/wire/receipt.ts'
import { writeRandomFile } from '../support/files.ts'
import { testDigest } from '../support/manifests.ts'
import { besiege, step } from '../support/siege.ts'
import { tempDir } from '../support/temp-dir.ts'
import { waitFor } from '../support/wait-for.ts'

const MOST = Number.MAX_SAFE_INTEGER
const runs: [string, { first: number; count: number }][] = [
  ['no leaves', { first: 0, count: 0 }],
  ['leaves behind the end', { first: 5, count: 1 }],
  ['more leaves than there are', { first: 0, count: 6 }],
  ['4 294 967 295 leaves', { first: 0, count: 2 ** 32 - 1 }],
  ['leaves from 2⁵³ − 1 on', { first: MOST, count: 2 }],
]

test('requests with counts that cannot be are refused one by one, on the same stream as those that can', async () => {
  const { victim, raw, expectService } = await besiege()
  const { id } = await victim.importImage('gold', { length: 300_000 }) // five leaves
  const stream = await raw.contentStream(victim)
  const image = id as Digest
  for (const what of ['segments', 'leafLists', 'leaves', 'blockKeys'] as const) {
    for (const [name, run] of runs) {
      await stream.ask({ image, what, run })
      await expect(stream.answerUpTo(1_000_000), `${what}: ${name}`).rejects.toMatchObject({
        code: 'protocol',
      })
    }
  }
  for (const what of ['pages', 'leafDigests'] as const) {
    await stream.ask({ image, what, run: { first: 0, count: 1 } }) // of a tree, and this is none
    await expect(stream.answerUpTo(1_000_000)).rejects.toMatchObject({ code: 'protocol' })
  }
  await stream.ask({
    image,
    what: 'blocks',
    wish: { first: 0, count: 1_025, wanted: Buffer.alloc(2_050, 0xff) },
  })
  await expect(stream.answerUpTo(1_000_000)).rejects.toMatchObject({ code: 'protocol' })
  await stream.ask({ image, what: 'leaves', run: { first: 4, count: 1 } })
  expect(await stream.answerUpTo(65_536)).toHaveLength(300_000 - 4 * 65_536)
  await expectService()
})

test('requests without end for what cannot be read do not fill the log: each image is noted once', async () => {
  const { victim, raw, expectService } = await besiege()
  const stream = await raw.contentStream(victim)
  const images: string[] = []
  for (const name of ['gold', 'silver']) {
    const path = join(await tempDir(), name)
    await writeRandomFile(path, 300_000, name)
    const { id } = await victim.importImage(name, { path, inPlace: true })
    await rm(path)
    images.push(id)
    for (let i = 0; i < 25; i++) {
      await stream.ask({ image: id as Digest, what: 'leaves', run: { first: 0, count: 1 } })
      await expect(stream.answerUpTo(65_536)).rejects.toMatchObject({ code: 'changed-on-disk' })
    }
  }
  const noted = victim.log.filter(({ message }) => message === 'could not read content for a peer')
  expect(noted.map(({ fields }) => fields['image'])).toEqual(images)
  await expectService()
})

/** A request for leaves whose run has these bytes. */
const withRun = (hex: string) => {
  const run = Buffer.from(hex, 'hex')
  return Buffer.concat([
    Buffer.from([0x0a, 32]),
    fromDigest(testDigest('x')),
    Buffer.from([0x22, run.length]),
    run,
  ])
}
const broken: [string, Uint8Array][] = [
  ['a negative first leaf', withRun('08ffffffffffffffffff01')],
  ['a first leaf of 2⁵³', withRun('0880808080808080101001')],
  ['a number that does not end', withRun('08ffffffffffffffffffffff01')],
  [
    'a bitmap that is shorter than its leaves',
    Buffer.concat([
      Buffer.from([0x0a, 32]),
      fromDigest(testDigest('x')),
      Buffer.from('4a0610041a02ffff', 'hex'),
    ]),
  ],
  [
    'an image id of 31 bytes',
    Buffer.concat([Buffer.from([0x0a, 31]), Buffer.alloc(31), Buffer.from('2a00', 'hex')]),
  ],
  ['nothing that it asks for', Buffer.concat([Buffer.from([0x0a, 32]), Buffer.alloc(32)])],
]

test.each(broken)('a request with %s cuts the peer, and others are served on', async (_what, request) => {
  const { victim, raw, expectService, expectLogged } = await besiege()
  const connection = await raw.connect(victim)
  const channel = await raw.host.openChannel(connection, '/ingot/content/1', step().signal)
  await channel.writeFrame(request, step())
  await waitFor(() => connection.status !== 'open', { what: 'the cut' })
  expectLogged('cut a peer that broke the protocol', { peer: 'raw' })
  expect((await victim.peer('raw')).reason).toContain('broke the protocol')
  await expectService()
})

test('a request for what was never announced, what is private, withdrawn or of another server is answered alike', async () => {
  const { victim, raw, honest } = await besiege()
  await victim.subscribeAll('honest')
  const [never, secret, early, withdrawn] = [
    testDigest('never'),
    (await victim.importImage('secret', { private: true })).id,
    (await victim.importImage('early', { state: 'TESTABLE' })).id,
    (await victim.importImage('withdrawn')).id,
  ]
  await victim.client.promoteImage({ image: './withdrawn', state: 'RESTRICTED' })
  const theirs = (await honest.importImage('theirs')).id
  await victim.waitImage('honest/theirs')
  const connection = await raw.connect(victim)
  const channel = await raw.host.openChannel(connection, '/ingot/content/1', step().signal)
  const answers = new Set<string>()
  for (const image of [never, secret, early, withdrawn, theirs] as Digest[]) {
    for (const what of ['segments', 'leaves', 'pages'] as const) {
      await channel.writeFrame(encodeContentRequest({ image, what, run: { first: 0, count: 1 } }), step())
      const answer = decodeContentAnswer(await channel.requireFrame(1000, step()), defaultLimits)
      answers.add(JSON.stringify(answer))
    }
  }
  expect([...answers]).toEqual([
    JSON.stringify({ code: 'not-announced', payloadBytes: 0, compressed: false, retryAfterMs: 0 }),
  ])
})

test('receipts about images that are not ours, or were never announced, are refused alike and not kept', async () => {
  const { victim, raw, expectService } = await besiege()
  const secret = await victim.importImage('secret', { private: true })
  const gold = await victim.importImage('gold')
  const connection = await raw.connect(victim)
  const channel = await raw.host.openChannel(connection, '/ingot/receipt/1', step().signal)
  const tell = async (image: string) => {
    const receipt = { image: image as Digest, state: 'enabled', reason: '', time: 1 } as const
    await channel.writeFrame(encodeReceipt(receipt), step())
    return decodeReceiptAck(await channel.requireFrame(1000, step()), defaultLimits)
  }
  expect(await tell(testDigest('nothing'))).toBe(false)
  expect(await tell(secret.id)).toBe(false)
  expect(await tell(gold.id)).toBe(true)
  const [shown] = (await victim.client.images({ image: './secret', holders: true })).images
  expect(shown?.holders).toEqual([])
  await expectService()
})
