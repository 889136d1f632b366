import { expect, test } from 'vitest'
import { isIngotError } from '../../../src/core/errors.ts'
import { checkName, checkPeerName, isName } from '../../../src/core/names.ts'

test.each(['a', '0', 'Debian-13.2+b_1', 'x'.repeat(128)])('%s is a name', (name) => {
  expect(isName(name)).toBe(true)
  expect(checkName(name, 'image name')).toBe(name)
})

test.each(['', '.', '..', '.hidden', '-x', '_x', 'a/b', 'a b', 'a\n', 'ä', 'a\0', 'x'.repeat(129)])(
  '%j is no name',
  (name) => {
    expect(isName(name)).toBe(false)
    expect(() => checkName(name, 'image name')).toThrow(
      expect.toSatisfy((error) => isIngotError(error, 'usage') && error.hint !== undefined),
    )
  },
)

test.each(['content', 'staging', 'own', 'OWN', 'Content'])('no peer is called %s', (name) => {
  expect(isName(name)).toBe(true)
  expect(() => checkPeerName(name)).toThrow(expect.objectContaining({ code: 'conflict' }))
})

test('a peer is called by any other name', () => {
  expect(checkPeerName('munich')).toBe('munich')
  expect(() => checkPeerName('../munich')).toThrow(expect.objectContaining({ code: 'usage' }))
})
