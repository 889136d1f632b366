import { describe, expect, test } from 'vitest'
import type { Head } from '../../../src/image/journal.ts'
import type { Peer, Peers } from '../../../src/state/peers.ts'
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
    faultSeq: undefined,
    passedSeq: undefined,
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
  peers.setFault('M', 'chain', 7)
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
      faultSeq: 7,
      passedSeq: undefined,
    },
  ])
})

const head: Head = {
  journalId: 'ab'.repeat(16),
  seq: 3,
  hash: testDigest('h'),
  time: 4,
  signature: new Uint8Array(64),
}

test('the position in its journal outlives the peer, with the number of what was taken', () => {
  const { peers } = testState()
  expect(peers.cursor('M')).toBeUndefined()
  expect(peers.taken('M')).toBe(0)
  peers.register(munich)
  peers.setCursor('M', head, 3)
  peers.setCursor('M', { ...head, seq: 4 }, 9)
  peers.delete('M')
  expect(peers.byId('M')).toBeUndefined()
  expect(peers.cursor('M')).toEqual({ ...head, seq: 4 })
  expect(peers.taken('M')).toBe(9)
})

test('a journal that is given up is taken from its start, and what was taken of it stays counted', () => {
  const { peers } = testState()
  peers.setCursor('M', head, 3)
  peers.setCursor('N', head, 3)
  peers.forgetCursor('M')
  expect(peers.cursor('M')).toBeUndefined()
  expect(peers.taken('M')).toBe(3)
  expect(peers.cursor('N')).toEqual(head)
  const next = { ...head, journalId: 'cd'.repeat(16), seq: 1 }
  peers.setCursor('M', next, 4)
  expect(peers.cursor('M')).toEqual(next)
  expect(peers.taken('M')).toBe(4)
})

describe('a fault', () => {
  const faultOf = (peers: Peers) => {
    const { fault, faultSeq, passedSeq } = peers.byId('M') as Peer
    return { fault, faultSeq, passedSeq }
  }

  test('of one entry names it; once accepted, that entry is passed over', () => {
    const { peers } = testState()
    peers.register(munich)
    peers.setFault('M', 'signature', 7)
    expect(faultOf(peers)).toEqual({ fault: 'signature', faultSeq: 7, passedSeq: undefined })
    peers.acceptFault('M')
    expect(faultOf(peers)).toEqual({ fault: undefined, faultSeq: undefined, passedSeq: 7 })
  })

  test('of the chain names no entry; once accepted, none is passed over', () => {
    const { peers } = testState()
    peers.register(munich)
    peers.setFault('M', 'signature', 7)
    peers.acceptFault('M')
    peers.setFault('M', 'another journal', undefined)
    expect(faultOf(peers)).toEqual({ fault: 'another journal', faultSeq: undefined, passedSeq: 7 })
    peers.acceptFault('M')
    expect(faultOf(peers)).toEqual({ fault: undefined, faultSeq: undefined, passedSeq: undefined })
  })

  test('is that of one peer alone', () => {
    const { peers } = testState()
    peers.register(munich)
    peers.register({ ...munich, id: 'N', name: 'north' })
    peers.setFault('M', 'chain', undefined)
    peers.setFault('N', 'chain', undefined)
    peers.acceptFault('M')
    expect([peers.byId('M')?.fault, peers.byId('N')?.fault]).toEqual([undefined, 'chain'])
  })
})
