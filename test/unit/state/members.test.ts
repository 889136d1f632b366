import { expect, test } from 'vitest'
import { testState } from '../../support/state.ts'

const edge = { name: 'edge', kind: 'client', createdAt: 1 } as const
const rack = { name: 'rack', kind: 'target', createdAt: 2 } as const

test('clients and targets are listed apart, by name', () => {
  const { members } = testState()
  members.add({ ...edge, name: 'z' })
  members.add(edge)
  members.add(rack)
  expect(members.list('client')).toEqual([edge, { ...edge, name: 'z' }])
  expect(members.list('target')).toEqual([rack])
  expect(members.get('rack')).toEqual(rack)
  expect(members.get('nobody')).toBeUndefined()
})

test('a name is one member, of whatever kind', () => {
  const { members } = testState()
  members.add(edge)
  expect(() => members.add({ ...rack, name: 'edge' })).toThrow('UNIQUE')
})

test('exactly the named member goes', () => {
  const { members } = testState()
  members.add(edge)
  members.add(rack)
  members.delete('edge')
  expect([members.list('client'), members.list('target')]).toEqual([[], [rack]])
})
