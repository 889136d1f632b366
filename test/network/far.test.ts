import { expect, test } from 'vitest'
import { sha256OfFile } from '../support/files.ts'
import { createNetwork } from '../support/network.ts'
import { waitFor } from '../support/wait-for.ts'

const MiB = 1024 * 1024

/** Ends of TCP connections in this process, in which all servers of a test run. */
const ends = () => process.getActiveResourcesInfo().filter((what) => what === 'TCPSocketWrap').length

test('content of a far peer comes over further connections, which never become the link and end with it', async () => {
  const before = ends()
  const { server, peer } = await createNetwork(['a', 'b'], { farMs: 0, contentConnections: 3 })
  await peer('a', 'b')
  await waitFor(() => ends() === before + 2, { what: 'one connection, with two ends' })
  const link = async () => (await server('b').client.peers({ server: 'a' })).peers[0]?.linkSince
  const since = await link()
  await server('b').subscribeAll('a')
  const made = await server('a').importImage('gold', { length: 24 * MiB })
  const here = await server('b').waitImage('a/gold')
  expect(await sha256OfFile(here.path as string)).toBe(made.sha256)
  expect(ends()).toBe(before + 6)
  expect(await link()).toBe(since)
  await server('b').client.unregister('a', false)
  await waitFor(() => ends() === before, { what: 'the end of all connections' })
})

test('a peer that is near has one connection', async () => {
  const before = ends()
  const { server, peer } = await createNetwork(['a', 'b'], { farMs: 60_000 })
  await peer('a', 'b')
  await server('b').subscribeAll('a')
  await server('a').importImage('gold', { length: 24 * MiB })
  await server('b').waitImage('a/gold')
  expect(ends()).toBe(before + 2)
})
