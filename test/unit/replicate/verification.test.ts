import { describe, expect, test } from 'vitest'
import { systemClock } from '../../../src/core/clock.ts'
import { EventBus } from '../../../src/core/events.ts'
import { defaultLimits } from '../../../src/core/limits.ts'
import { silentLogger } from '../../../src/core/logger.ts'
import { Verification } from '../../../src/replicate/verification.ts'
import { checkLeavesHere } from '../../../src/store/check-leaves.ts'
import { ContentCollector } from '../../../src/store/collect.ts'
import { placeContent } from '../../../src/store/placement.ts'
import { emptyLayout, stageBytes, storedContent } from '../../support/contents.ts'
import { randomBytes } from '../../support/files.ts'
import { rotLeaves } from '../../support/rot.ts'
import { testState } from '../../support/state.ts'

const bytes = randomBytes(300_000, 'verification')

/** A content that is stored and recorded, and what reads it. */
async function stored() {
  const state = testState()
  const layout = await emptyLayout()
  const { staging, digest } = await stageBytes(layout, 'made', bytes)
  await placeContent(layout, staging, digest)
  const content = storedContent(digest, bytes.length)
  state.images.putContent(content)
  const verification = new Verification({
    selfId: 'self',
    state,
    layout,
    collector: new ContentCollector({ layout, isUsed: () => true, forget: () => {} }),
    events: new EventBus(),
    clock: systemClock,
    limits: defaultLimits,
    logger: silentLogger,
  })
  const { signal } = new AbortController()
  const options = { by: 'verify', check: checkLeavesHere, signal } as const
  const verify = async () => await verification.verify(content, options)
  /** A reading that has read all, and does not end before `end()`. */
  const slow = async () => {
    const [read, goOn] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()]
    const onRead = async () => {
      read.resolve()
      await goOn.promise
    }
    const reading = verification.verify(content, { ...options, onRead })
    await read.promise
    return async () => {
      goOn.resolve()
      await reading
    }
  }
  const isDamaged = () => state.integrity.isDamaged(digest)
  return { path: layout.file(digest), verification, digest, verify, slow, isDamaged }
}

describe('a slow reading that was overtaken', () => {
  test('does not mark what is whole again', async () => {
    const { path, verify, slow, isDamaged } = await stored()
    rotLeaves(path, 1)
    const end = await slow()
    rotLeaves(path, 1) // and back
    await verify()
    await end()
    expect(isDamaged()).toBe(false)
  })

  test('does not mark what was mended meanwhile', async () => {
    const { path, verification, digest, slow, isDamaged } = await stored()
    rotLeaves(path, 1)
    const end = await slow()
    rotLeaves(path, 1)
    verification.mended(digest)
    await end()
    expect(isDamaged()).toBe(false)
  })

  test('does not take away the mark of what is damaged since', async () => {
    const { path, verify, slow, isDamaged } = await stored()
    const end = await slow()
    rotLeaves(path, 1)
    await verify()
    expect(isDamaged()).toBe(true)
    await end()
    expect(isDamaged()).toBe(true)
  })
})

test('a reading that nobody overtook marks, and takes the mark away', async () => {
  const { path, verify, slow, isDamaged } = await stored()
  rotLeaves(path, 1)
  const end = await slow()
  await end()
  expect(isDamaged()).toBe(true)
  rotLeaves(path, 1)
  await verify()
  expect(isDamaged()).toBe(false)
})
