import { connect } from 'node:net'
import { systemCode } from '../../core/errors.ts'
import type { RouteContext } from '../context.ts'
import { fine, warning, type Finding } from './finding.ts'

/** Milliseconds for one address of this server to answer: it is this machine, or the network in front of it. */
const CONNECT_MS = 2_000

/** Where peers reach this server: told at all, not of this machine alone, and answered. */
export async function checkPorts({ host, state }: RouteContext): Promise<Finding> {
  const addresses = host.addresses()
  if (addresses.length === 0)
    return warning('peers are told no address of this server', 'say where they reach it with --advertise')
  const peers = state.peers.list().flatMap((peer) => peer.addresses)
  const remote = peers.filter((address) => !isLoopback(address))
  if (remote.length > 0 && addresses.every(isLoopback))
    return warning(
      `peers are told ${addresses.join(', ')}, which leads to this machine alone`,
      'listen on an address that they reach, with --listen /ip4/0.0.0.0/tcp/4160, or name one with --advertise; a peer that this server reaches needs none',
    )
  const tried = await Promise.all(
    addresses.map(async (address) => ({ address, why: await tryAddress(address) })),
  )
  const silent = tried.filter(({ why }) => why !== undefined)
  const [first] = silent
  if (first === undefined)
    return fine(`${addresses.join(', ')} ${addresses.length === 1 ? 'answers' : 'answer'}`)
  return warning(
    `${first.address} does not answer from here (${first.why})${silent.length > 1 ? `, nor do ${silent.length - 1} more` : ''}`,
    'check the firewall, and what is advertised; an address of a router in front may be right and not answer from inside',
  )
}

function isLoopback(address: string): boolean {
  return /^\/ip4\/127\.|^\/ip6\/::1\/|^\/dns[46]?\/localhost\//.test(address)
}

/** Connects to `/ip4/A/tcp/P` and hangs up; resolves to why that could not be, undefined when it could. */
async function tryAddress(address: string): Promise<string | undefined> {
  const [, , host = '', , port = ''] = address.split('/')
  const socket = connect({ host, port: Number(port) })
  try {
    return await new Promise<string | undefined>((resolve) => {
      socket.setTimeout(CONNECT_MS, () => resolve(`no answer in ${CONNECT_MS / 1000} s`))
      socket.once('connect', () => resolve(undefined))
      socket.once('error', (error) => resolve(systemCode(error) ?? error.message))
    })
  } finally {
    socket.destroy()
  }
}
