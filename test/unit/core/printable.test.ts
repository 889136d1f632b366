import { describe, expect, it } from 'vitest'
import { printable, printableJson } from '../../../src/core/printable.ts'

describe('printable', () => {
  it('leaves nothing that a terminal acts on', () => {
    expect(printable('a\u001b[31mred\u0007\u009b2J\u007f')).toBe('a[31mred2J')
    expect(printable('one\r\ntwo\tthree\u2028four')).toBe('one two three four')
    expect(printable('abc\u202edcba\u2066')).toBe('abcdcba')
  })

  it('leaves text of all languages', () => {
    expect(printable('Grün – 金 ≤ é')).toBe('Grün – 金 ≤ é')
  })

  it('escapes in JSON what JSON leaves, and keeps the data', () => {
    const value = { text: '\u009b2J\u001b[0m\u202e' }
    const json = printableJson(value)
    expect(json).toMatch(/^[ -~]+$/)
    expect(JSON.parse(json)).toEqual(value)
  })
})
