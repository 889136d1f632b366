import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { loadConfig } from '../../../src/daemon/config.ts'
import { tempDir } from '../../support/temp-dir.ts'

async function scrubOf(text: string) {
  const home = await tempDir()
  await writeFile(join(home, 'ingot.toml'), text)
  return (await loadConfig({ home })).scrub
}

describe('[scrub]', () => {
  test('is on by itself, slowly and always, each image once in 30 days', async () => {
    expect(await scrubOf('')).toEqual({
      enabled: true,
      rate: 20_000_000,
      window: undefined,
      everyMs: 30 * 86_400_000,
    })
  })

  test('takes a rate, a window and days, hours or minutes', async () => {
    const scrub = await scrubOf(
      '[scrub]\nenabled = false\nrate = 65536\nwindow = "sat 22:00-06:00 UTC"\nevery = "36h"',
    )
    expect(scrub).toMatchObject({ enabled: false, rate: 65_536, everyMs: 36 * 3_600_000 })
    expect(String(scrub.window)).toBe('sat 22:00-06:00 UTC')
    expect((await scrubOf('[scrub]\nevery = "90m"')).everyMs).toBe(90 * 60_000)
  })

  test.each([
    ['rate = 10', 'scrub.rate'],
    ['rate = "fast"', 'scrub.rate'],
    ['every = "0d"', 'scrub.every'],
    ['every = "3 weeks"', 'scrub.every'],
    ['window = "at night"', 'scrub.window'],
    ['pace = 1', 'scrub.pace'],
  ])('%s is refused, with its key', async (line, key) => {
    await expect(scrubOf(`[scrub]\n${line}`)).rejects.toMatchObject({
      code: 'usage',
      message: expect.stringContaining(key),
    })
  })
})
