import { describe, expect, it } from 'vitest'
import { parseDuration } from '../../../src/cli/duration.ts'
import { exitCodeOf, exitCodes } from '../../../src/cli/exit-codes.ts'
import { parseJob, parseLabels, parseState } from '../../../src/cli/options.ts'

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
