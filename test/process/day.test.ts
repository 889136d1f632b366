import { expect, test } from 'vitest'
import { testBed } from '../support/daemon.ts'
import { runDay } from '../support/kills/day.ts'
import { printedSeed } from '../support/random.ts'

// scripts/check-kills does the same for as long as one likes.
test.skipIf(process.platform !== 'linux')(
  'three servers that are killed 8 times in their work lose nothing that was acknowledged, and show nothing wrong',
  async () => {
    const bed = await testBed()
    const { kills, rests, actions, points } = await runDay(bed, {
      kills: 8,
      seed: printedSeed('a day with 8 kills', 11),
    })
    expect(kills).toBeGreaterThanOrEqual(8)
    expect(rests).toBeGreaterThan(0)
    expect([...points.keys()].some((where) => where !== 'at any time')).toBe(true)
    expect([...actions.values()].reduce((sum, { done }) => sum + done, 0)).toBeGreaterThan(10)
  },
)
