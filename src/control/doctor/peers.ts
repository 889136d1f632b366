import type { RouteContext } from '../context.ts'
import { failure, fine, warning, type Finding } from './finding.ts'

/** One peer: its journal, its key, what it sent, the link. */
export function checkPeer({ state, links, intake, peering }: RouteContext, name: string): Finding {
  const peer = state.peers.require(name)
  if (peer.fault !== undefined) {
    return failure(
      `nothing is taken in from it: ${peer.fault}`,
      `ask its operator what happened; then "ingot accept peerserver --server ${name}"`,
    )
  }
  if (peering.runsTwice(peer.id)) {
    return failure(
      'two servers run with its key, one after the other has the link',
      'ask its operator: a copy of its home runs somewhere, as after moving a machine; one of the two has to be stopped for good',
    )
  }
  if (peer.wrongLeaves > 0) {
    return warning(
      `${peer.wrongLeaves} leaves from it did not verify`,
      'check the disk and memory of that server',
    )
  }
  const link = links.state(peer.id)
  if (link.state === 'up') {
    const lag = intake.lag(peer.id) ?? 0
    return fine(
      lag === 0 ? 'the link is up' : `the link is up; ${lag} entries of its journal are on their way`,
    )
  }
  if (link.state === 'suspended') {
    return warning(
      'it ended the relation',
      `it goes on when that server registers this one again; "ingot unregister server --server ${name}" ends it here`,
    )
  }
  const reason = link.state === 'down' ? link.reason : 'connecting'
  const contact =
    peer.lastContact === undefined
      ? 'there never was a link'
      : `the last one was up at ${new Date(peer.lastContact).toISOString().slice(0, 16).replace('T', ' ')}Z`
  return warning(
    `no link: ${reason}; ${contact}`,
    'check its addresses with "ingot query peerserver", the network, and that it has registered this server',
  )
}
