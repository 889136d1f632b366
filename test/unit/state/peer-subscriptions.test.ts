import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { testState } from '../../support/state.ts'

test('what a peer tells takes the place of what it told before', () => {
  const { peerSubscriptions } = testState()
  peerSubscriptions.replace('P', ['all', 'series lts'])
  peerSubscriptions.replace('Q', ['all'])
  peerSubscriptions.replace('P', ['imagetype DISK', 'all'])
  expect(peerSubscriptions.list('P')).toEqual(['all', 'imagetype DISK'])
  expect(peerSubscriptions.list('Q')).toEqual(['all'])
  peerSubscriptions.replace('P', [])
  expect(peerSubscriptions.list('P')).toEqual([])
})

test('each selector is listed once, in the order of the text, however it was told', () => {
  const { peerSubscriptions } = testState()
  fc.assert(
    fc.property(fc.array(fc.stringMatching(/^[a-z ]{1,3}$/)), (selectors) => {
      peerSubscriptions.replace('P', selectors)
      expect(peerSubscriptions.list('P')).toEqual([...new Set(selectors)].toSorted())
    }),
  )
})

test('a change that fails leaves what the peer told before', () => {
  const { peerSubscriptions } = testState()
  peerSubscriptions.replace('P', ['all'])
  expect(() => peerSubscriptions.replace('P', ['series lts', null as unknown as string])).toThrow('NOT NULL')
  expect(peerSubscriptions.list('P')).toEqual(['all'])
})
