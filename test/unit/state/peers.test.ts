import { expect, test } from 'vitest'
import type { Head } from '../../../src/image/journal.ts'
import { testDigest } from '../../support/manifests.ts'
import { testState } from '../../support/state.ts'

const munich = { id: 'M', name: 'munich', addresses: ['/ip4/192.0.2.1/tcp/1'], registeredAt: 5 }

test('a peer is known by key and by name once it is registered', () => {
  const { peers } = testState()
  expect(peers.isRegistered('M')).toBe(false)
  peers.register(munich)
  expect(peers.isRegistered('M')).toBe(true)
  const expected = {
    ...munich,
    status: 'registered',
    lastContact: undefined,
    wrongLeaves: 0,
    fault: undefined,
  }
  expect(peers.byId('M')).toEqual(expected)
  expect(peers.byName('munich')).toEqual(expected)
  expect(peers.require('munich')).toEqual(expected)
})

test('a suspended peer still passes the gate; an unregistered one does not, but keeps its name', () => {
  const { peers } = testState()
  peers.register(munich)
  peers.setStatus('M', 'suspended')
  expect(peers.isRegistered('M')).toBe(true)
  peers.setStatus('M', 'unregistered')
  expect(peers.isRegistered('M')).toBe(false)
  expect(peers.list()).toEqual([])
  expect(peers.byName('munich')?.id).toBe('M')
  expect(() => peers.require('munich')).toThrow(expect.objectContaining({ code: 'not-found' }))
})

test('two peers never share a name', () => {
  const { peers } = testState()
  peers.register(munich)
  expect(() => peers.register({ ...munich, id: 'N' })).toThrow('UNIQUE')
})

test('registering again renews name, addresses and status, and keeps the rest', () => {
  const { peers } = testState()
  peers.register(munich)
  peers.countWrongLeaf('M')
  peers.setFault('M', 'chain')
  peers.setStatus('M', 'unregistered')
  peers.register({ ...munich, name: 'muc', addresses: [], registeredAt: 9 })
  expect(peers.list()).toEqual([
    {
      id: 'M',
      name: 'muc',
      addresses: [],
      status: 'registered',
      registeredAt: 9,
      lastContact: undefined,
      wrongLeaves: 1,
      fault: 'chain',
    },
  ])
})

test('the position in its journal outlives the peer', () => {
  const { peers } = testState()
  const head: Head = {
    journalId: 'ab'.repeat(16),
    seq: 3,
    hash: testDigest('h'),
    time: 4,
    signature: new Uint8Array(64),
  }
  expect(peers.cursor('M')).toBeUndefined()
  peers.register(munich)
  peers.setCursor('M', head)
  peers.setCursor('M', { ...head, seq: 4 })
  peers.delete('M')
  expect(peers.byId('M')).toBeUndefined()
  expect(peers.cursor('M')).toEqual({ ...head, seq: 4 })
})

test('a fault can be set and cleared', () => {
  const { peers } = testState()
  peers.register(munich)
  peers.setFault('M', 'signature')
  expect(peers.byId('M')?.fault).toBe('signature')
  peers.setFault('M', undefined)
  expect(peers.byId('M')?.fault).toBeUndefined()
})
