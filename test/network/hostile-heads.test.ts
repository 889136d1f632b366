import { expect, test } from 'vitest'
import { entryHash, genesisHash, signHead, type Head, type JournalEntry } from '../../src/image/journal.ts'
import { randomBytes } from '../support/files.ts'
import { testDigest } from '../support/manifests.ts'
import { randomId, type TestServer } from '../support/network.ts'
import { rawContent } from '../support/raw-content.ts'
import { type RawPeer } from '../support/raw-peer.ts'
import { besiege } from '../support/siege.ts'

const content = rawContent(randomBytes(1_000, 'gold'))

const forged: [string, (raw: RawPeer, theirs: Head) => Head][] = [
  [
    'signed by itself',
    (raw, theirs) => signHead({ ...theirs, seq: theirs.seq + 5, hash: testDigest('x') }, raw.key.sign),
  ],
  ['with our signature of another entry', (_raw, theirs) => ({ ...theirs, seq: theirs.seq + 5 })],
  ['with our signature of another journal', (_raw, theirs) => ({ ...theirs, journalId: randomId() })],
  [
    'with a signature of zeros',
    (_raw, theirs) => ({ ...theirs, seq: theirs.seq + 1, signature: Buffer.alloc(64) }),
  ],
  ['from before, as we signed it', (_raw, theirs) => theirs],
]

test.each(forged)(
  'a peer that says to hold a head of our journal %s does not keep us from publishing',
  async (_what, forge) => {
    const { victim, raw, expectService } = await besiege()
    await victim.importImage('one', { length: 1_000 })
    const [entry] = (await raw.readJournal(victim, 1)) as [JournalEntry]
    const { journalId } = await victim.client.server()
    const { seq, time, signature } = entry
    const theirs: Head = { journalId, seq, hash: entryHash(entry), time, signature }
    await victim.importImage('two', { length: 1_000 })
    raw.onHello = (hello) => ({ ...hello, heldHead: forge(raw, theirs) })
    await raw.connect(victim)
    await expectService() // publishes
    expect(await victim.client.server()).toMatchObject({ journalFault: null })
  },
)

/** The victim comes back and hears a head that contradicts what it holds: two entries. */
async function expectNotHeard(victim: TestServer, text: string): Promise<void> {
  await victim.stop()
  await victim.start()
  expect(await victim.waitFault('raw')).toContain(text)
  const { checks } = await victim.client.doctor()
  expect(checks.find(({ check }) => check === 'peer raw')).toMatchObject({ result: 'failure' })
  expect((await victim.enabled()).filter((ref) => ref.startsWith('raw/'))).toEqual(['raw/gold', 'raw/silver'])
}

const old: [string, (raw: RawPeer) => void, string][] = [
  [
    'older than the one that it told before',
    (raw) => void (raw.entries.length = 1),
    'stepped back to entry 1',
  ],
  [
    'of another journal with the same number of entries',
    (raw) => {
      raw.entries.length = 1
      raw.publish('other', content)
    },
    'fork',
  ],
  [
    'of an empty journal',
    (raw) => {
      raw.entries.length = 0
      raw.head = () =>
        signHead(
          { journalId: raw.journalId, seq: 0, hash: genesisHash(raw.journalId), time: 0 },
          raw.key.sign,
        )
    },
    'stepped back to entry 0',
  ],
]

test.each(old)('an origin that shows a head %s is not listened to', async (_what, turnBack, text) => {
  const { victim, raw, expectService } = await besiege({ wants: true })
  raw.serve()
  raw.publish('gold', content)
  raw.publish('silver', content)
  await victim.waitImage('raw/silver')
  turnBack(raw)
  await expectNotHeard(victim, text)
  await expectService()
})
