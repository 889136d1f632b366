import { describe, expect, it } from 'vitest'
import { RateMeter } from '../../../src/cli/progress.ts'
import { fieldLines, stateCell, tableLines } from '../../../src/cli/table.ts'
import { formatBytes, formatDuration, formatTime } from '../../../src/cli/text.ts'

const plain = (_style: unknown, text: string) => text
const marked = (style: unknown, text: string) => `<${String(style)}>${text}</>`

describe('tables', () => {
  it('align columns by what is printed, numbers to the right', () => {
    const lines = tableLines(
      ['IMAGE', { title: 'SIZE', align: 'right' }, 'REASON'],
      [
        ['hq/a', '1.2 GiB', ''],
        ['hq/longer', '3 B', 'no \u001b[2Jspace'],
      ],
      plain,
    )
    expect(lines).toEqual([
      'IMAGE         SIZE  REASON',
      'hq/a       1.2 GiB',
      'hq/longer      3 B  no [2Jspace',
    ])
  })

  it('count no colours as width', () => {
    const lines = tableLines(['STATE', 'X'], [[stateCell('up'), 'y']], marked)
    expect(lines).toEqual(['<bold>STATE</>  <bold>X</>', '<green>up</>     y'])
  })

  it('show fields under each other', () => {
    expect(
      fieldLines(
        [
          ['name', 'hq'],
          ['peer id', 'x\ny'],
        ],
        plain,
      ),
    ).toEqual(['name:    hq', 'peer id: x y'])
  })

  it('colour no state that is a property of every object', () => {
    expect(stateCell('constructor')).toBe('constructor')
  })
})

describe('units', () => {
  it.each([
    [0, '0 B'],
    [1023, '1023 B'],
    [1024, '1.0 KiB'],
    [1_288_490_189, '1.2 GiB'],
    [340 * 2 ** 20, '340 MiB'],
    [2 ** 20 - 1, '1.0 MiB'],
    [2 ** 54, '16.0 PiB'],
  ])('%d bytes are %s', (bytes, expected) => {
    expect(formatBytes(bytes)).toBe(expected)
  })

  it.each([
    [400, '0s'],
    [12_000, '12s'],
    [125_000, '2m 05s'],
    [3_900_000, '1h 05m'],
    [273_600_000, '3d 4h'],
  ])('%d ms are %s', (ms, expected) => {
    expect(formatDuration(ms)).toBe(expected)
  })

  it('times are UTC to the second', () => {
    expect(formatTime('2026-01-02T03:04:05.678Z')).toBe('2026-01-02 03:04:05Z')
    expect(formatTime(null)).toBe('-')
  })

  it('a rate follows the last seconds', () => {
    let now = 0
    const meter = new RateMeter(() => now)
    expect(meter.update(1_000_000)).toBe(0) // a resumed transfer did not move what was there
    now = 1000
    expect(meter.update(1_000_500)).toBe(500)
    for (now = 2000; now <= 20_000; now += 1000) meter.update(1_000_500)
    expect(meter.update(1_000_500)).toBe(0)
  })
})
