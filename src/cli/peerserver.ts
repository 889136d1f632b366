import type { PeerDocument } from '../control/documents.ts'
import type { Grammar, Invocation } from './grammar.ts'
import { nameOf } from './options.ts'
import { stateCell, type Cell } from './table.ts'
import { formatTime } from './text.ts'

/** `query peerserver`. */
export function addPeerServerCommands(grammar: Grammar): void {
  grammar
    .command('query peerserver', {
      summary: 'show the peers of this server and how the links to them are',
      example: 'ingot query peerserver --server hq',
    })
    .option('--server <NAME>', 'only this peer, in full', nameOf('server name'))
    .action(grammar.action(queryPeerServer))
}

async function queryPeerServer(options: { server?: string }, { client, output }: Invocation): Promise<void> {
  const { peers } = await client.peers(options.server === undefined ? {} : { server: options.server })
  output.data({ peers }, () => {
    if (options.server !== undefined) {
      for (const peer of peers) output.fields(peerFields(peer))
      return
    }
    if (peers.length === 0) {
      output.note('no peers; "ingot register server" adds one')
      return
    }
    output.table(
      ['PEER', 'LINK', 'LAST CONTACT', 'SUBSCRIPTIONS', 'REASON'],
      peers.map((peer) => [
        peer.name,
        stateCell(peer.link),
        formatTime(peer.lastContact),
        peer.subscriptions.join(', '),
        peer.fault ?? peer.reason ?? '',
      ]),
    )
  })
}

function peerFields(peer: PeerDocument): [string, Cell][] {
  const optional: [string, Cell | null][] = [
    ['reason', peer.reason],
    ['next attempt', peer.retryAt === null ? null : formatTime(peer.retryAt)],
    ['fault', peer.fault === null ? null : { text: peer.fault, style: 'red' }],
  ]
  return [
    ['peer', peer.name],
    ['peer id', peer.peerId],
    ['fingerprint', peer.fingerprint],
    ['addresses', peer.addresses.join(', ')],
    ['status', stateCell(peer.status)],
    ['link', stateCell(peer.link)],
    ...optional.filter((field): field is [string, Cell] => field[1] !== null),
    ['link since', formatTime(peer.linkSince)],
    ['last contact', formatTime(peer.lastContact)],
    ['registered', formatTime(peer.registeredAt)],
    ['journal', `entry ${peer.journalSeq}`],
    ['wrong leaves', peer.wrongLeaves === 0 ? '0' : { text: String(peer.wrongLeaves), style: 'red' }],
    ['subscriptions', peer.subscriptions.length === 0 ? '-' : peer.subscriptions.join(', ')],
  ]
}
