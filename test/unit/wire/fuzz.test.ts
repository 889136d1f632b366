import { expect, test } from 'vitest'
import { genesisHash, signHead } from '../../../src/image/journal.ts'
import { Choices } from '../../support/fuzz/choices.ts'
import { decodedKinds, fuzzDecoders } from '../../support/fuzz/decoders.ts'
import { encodeFields, parseFields } from '../../support/fuzz/wire-fields.ts'
import { testKey } from '../../support/keys.ts'
import { testDigest } from '../../support/manifests.ts'
import { printedSeed } from '../../support/random.ts'

const EACH = 300
const LIMIT_MS = 60_000

async function known() {
  const key = await testKey('decoders')
  const journalId = '00'.repeat(16)
  return {
    key,
    images: [testDigest('gold')],
    head: signHead({ journalId, seq: 0, hash: genesisHash(journalId), time: 0 }, key.sign),
  }
}

test(
  'every decoder takes or refuses changed messages, and does nothing else',
  async () => {
    const counts = fuzzDecoders(new Choices(printedSeed('decoders')), await known(), EACH)
    expect(Object.keys(counts)).toHaveLength(decodedKinds.length)
    // The changes are neither so small that all is valid, nor so large that nothing is.
    for (const [kind, { read, taken }] of Object.entries(counts)) {
      expect(read).toBe(EACH)
      expect(taken, kind).toBeGreaterThan(0)
      expect(taken, kind).toBeLessThan(EACH)
    }
  },
  LIMIT_MS,
)

test(
  'a seed repeats what is sent',
  async () => {
    const with7 = fuzzDecoders(new Choices(7), await known(), 60)
    expect(fuzzDecoders(new Choices(7), await known(), 60)).toEqual(with7)
    expect(fuzzDecoders(new Choices(8), await known(), 60)).not.toEqual(with7)
  },
  LIMIT_MS,
)

test('valid messages are read as fields and written as they were', async () => {
  const choices = new Choices(1)
  for (const kind of decodedKinds.filter(({ name }) => !['server data', 'part of a patch'].includes(name))) {
    const bytes = kind.make(choices, await known())
    const fields = parseFields(bytes)
    expect(fields, kind.name).toBeDefined()
    expect(encodeFields(fields ?? []).equals(Buffer.from(bytes)), kind.name).toBe(true)
  }
})
