import { describe, expect, it } from 'vitest'
import { parseDuration } from '../../../src/cli/duration.ts'
import { exitCodeOf, exitCodes } from '../../../src/cli/exit-codes.ts'
import { parseMoment } from '../../../src/cli/moment.ts'
import { parseImage, parseJob, parseLabels, parseState } from '../../../src/cli/options.ts'
import { parseRate } from '../../../src/cli/rate.ts'
import { parseSize } from '../../../src/cli/size.ts'

describe('durations', () => {
  it.each([
    ['500ms', 500],
    ['60s', 60_000],
    ['5m', 300_000],
    ['2h', 7_200_000],
    ['7d', 604_800_000],
    ['0s', 0],
  ])('%s is %d ms', (text, expected) => {
    expect(parseDuration(text)).toBe(expected)
  })

  it.each(['', '60', 's', '1.5h', '-1s', '1w', '60s ', '1m30s', '9999999999s'])('%j is none', (text) => {
    expect(() => parseDuration(text)).toThrow(expect.objectContaining({ code: 'usage' }))
  })
})

describe('sizes', () => {
  it.each([
    ['1', 1],
    ['1048576', 2 ** 20],
    ['500G', 500 * 2 ** 30],
    ['20GiB', 20 * 2 ** 30],
    ['20 gib', 20 * 2 ** 30],
    ['500GB', 5e11],
    ['1.5T', 1.5 * 2 ** 40],
    ['4k', 4096],
    ['7B', 7],
    ['0.5K', 512],
  ])('%s is %d bytes', (text, expected) => {
    expect(parseSize(text)).toBe(expected)
  })

  it.each([
    '',
    '0',
    '0G',
    '-1',
    'G',
    '1X',
    '1GiBB',
    '1e9',
    '1,5G',
    '0x10',
    '99999999P',
    '1.2345G',
    'none',
    ' 1',
  ])('%j is none', (text) => {
    expect(() => parseSize(text)).toThrow(expect.objectContaining({ code: 'usage' }))
  })
})

describe('rates', () => {
  it.each([
    ['10MB', 10_000_000],
    ['10MB/s', 10_000_000],
    ['500KiB', 512_000],
    ['1.5M/S', 1.5 * 2 ** 20],
    ['80Mbit', 10_000_000],
    ['80 mbit/s', 10_000_000],
    ['1Gbit', 125_000_000],
    ['0.5kbit', 63],
    ['800bit', 100],
    ['65536', 65_536],
  ])('%s is %d bytes per second', (text, expected) => {
    expect(parseRate(text)).toBe(expected)
  })

  it.each(['', '0', '0Mbit', '0.001bit', '-1MB', 'MB', '10MB/h', '10MB/s/s', '10Tbit', '1e6', 'none', '/s'])(
    '%j is none',
    (text) => {
      expect(() => parseRate(text)).toThrow(
        expect.objectContaining({
          code: 'usage',
          message: expect.stringContaining('is not a rate') as string,
        }),
      )
    },
  )
})

describe('times', () => {
  const now = Date.parse('2026-03-01T12:00:00Z')

  it.each([
    ['2026-01-31', '2026-01-31T00:00:00Z'],
    ['2026-01-31T08:00', '2026-01-31T08:00:00Z'],
    ['2026-01-31 08:00:05Z', '2026-01-31T08:00:05Z'],
    ['2026-01-31t08:00:05.25z', '2026-01-31T08:00:05.250Z'],
    ['2026-01-31T00:30+01:00', '2026-01-30T23:30:00Z'],
    ['2024-02-29', '2024-02-29T00:00:00Z'],
    ['2h', '2026-03-01T10:00:00Z'],
    ['1d', '2026-02-28T12:00:00Z'],
  ])('%s is %s', (text, expected) => {
    expect(parseMoment(text, now)).toBe(Date.parse(expected))
  })

  it.each([
    '',
    'now',
    '2025-02-29',
    '2026-00-01',
    '2026-01-31T24:30',
    '2026-1-1',
    '12:00',
    '1969-12-31',
    '99999999d',
  ])('%j is none', (text) => {
    expect(() => parseMoment(text, now)).toThrow(expect.objectContaining({ code: 'usage' }))
  })
})

describe('images', () => {
  const id = `sha256:${'0a'.repeat(32)}`

  it.each(['ol9', './ol9', 'hq/ol9', id])('%s names one', (text) => {
    expect(parseImage(text)).toBe(text)
  })

  it.each(['', '/', '/ol9', 'hq/', './', '../ol9', 'a/b/c', '-x', 'a b', 'sha256:0a', 'hq/$x'])(
    '%j names none',
    (text) => {
      expect(() => parseImage(text)).toThrow(expect.objectContaining({ code: 'usage' }))
    },
  )
})

describe('options', () => {
  it('labels are KEY=VALUE, where the value may have = and be empty', () => {
    expect(parseLabels(['a=1', 'b=x=y', 'c='])).toEqual({ a: '1', b: 'x=y', c: '' })
    for (const bad of [['a'], ['=1'], ['a=1', 'a=2']]) {
      expect(() => parseLabels(bad)).toThrow(expect.objectContaining({ code: 'usage' }))
    }
  })

  it('a label may be called __proto__', () => {
    expect(JSON.stringify(parseLabels(['__proto__=x']))).toBe('{"__proto__":"x"}')
  })

  it('states and jobs', () => {
    expect(parseState('testable')).toBe('TESTABLE')
    expect(() => parseState('ENABLED')).toThrow(expect.objectContaining({ code: 'usage' }))
    expect(parseJob('12')).toBe(12)
    for (const bad of ['0', '-1', '1.5', '0x10', 'one', '']) {
      expect(() => parseJob(bad)).toThrow(expect.objectContaining({ code: 'usage' }))
    }
  })
})

describe('exit codes', () => {
  it('are the published ones', () => {
    expect(exitCodes).toEqual({
      usage: 2,
      'daemon-unreachable': 3,
      'not-found': 4,
      conflict: 5,
      busy: 5,
      'changed-on-disk': 5,
      'peer-unreachable': 6,
      aborted: 130,
      invalid: 1,
      'too-large': 1,
      unsupported: 1,
      timeout: 1,
      'no-space': 1,
      'not-announced': 1,
      'wrong-content': 1,
      protocol: 1,
      'link-lost': 1,
      'timed-out-waiting': 1,
      failed: 1,
    })
  })

  it('of a code that is not known is 1', () => {
    expect(exitCodeOf('conflict')).toBe(5)
    expect(exitCodeOf('from-a-newer-daemon')).toBe(1)
    expect(exitCodeOf('toString')).toBe(1)
  })
})
