import { expect, test } from 'vitest'
import { testState } from '../../support/state.ts'

test('a setting is what it was set to last, until it is removed', () => {
  const { settings } = testState()
  expect(settings.get('journal-fault')).toBeUndefined()
  settings.set('journal-fault', 'a')
  settings.set('journal-fault', 'b')
  settings.set('journal-since', '5')
  expect(settings.get('journal-fault')).toBe('b')
  settings.remove('journal-fault')
  expect(settings.get('journal-fault')).toBeUndefined()
  expect(settings.get('journal-since')).toBe('5')
})
