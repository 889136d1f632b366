import { IngotError } from '../core/errors.ts'
import type { PeerDocument } from '../control/documents.ts'
import { given } from './given.ts'
import type { Grammar, Invocation } from './grammar.ts'
import { boundOf, collect, nameOf, type Bound } from './options.ts'
import type { Output } from './output.ts'
import { parseRateOrNone, ratesFields, ratesText } from './rate.ts'
import { stateCell, type Cell } from './table.ts'
import { briefText, formatTime, listText } from './text.ts'

/** `query peerserver`, `modify peerserver` and `accept peerserver`. */
export function addPeerServerCommands(grammar: Grammar): void {
  const name = nameOf('server name')
  grammar
    .command('query peerserver', {
      summary: 'show the peers of this server and how the links to them are',
      example: 'ingot query peerserver --server hq',
    })
    .option('--server <PEER>', 'only this peer, in full', name)
    .action(grammar.action(queryPeerServer))
  grammar
    .command('modify peerserver', {
      summary:
        'change the addresses at which a peer is dialled, and what may be received from and sent to it',
      example: 'ingot modify peerserver --server hq --address /dns/hq.example.com/tcp/4160 --rate-in 10MB',
    })
    .requiredOption('--server <PEER>', 'the peer', name)
    .option('--address <MULTIADDR>', 'an address in place of those that are known; again for more', collect)
    .option(
      '--rate-in <R>',
      'what is received from it per second: 10MB, 500KiB, 80Mbit; none: no bound',
      parseRateOrNone,
    )
    .option('--rate-out <R>', 'what is sent to it per second; none: no bound', parseRateOrNone)
    .action(grammar.action(modifyPeerServer))
  grammar
    .command('accept peerserver', {
      summary: 'go on with a peer whose journal had a fault, once you know why',
      example: 'ingot accept peerserver --server hq',
    })
    .requiredOption('--server <PEER>', 'the peer', name)
    .action(grammar.action(acceptPeerServer))
}

async function queryPeerServer(options: { server?: string }, { client, output }: Invocation): Promise<void> {
  const { peers } = await client.peers(given(options))
  output.data({ peers }, () => {
    if (peers.length === 0) output.note('no peers; "ingot register server" adds one')
    else if (options.server === undefined) peerTable(output, peers)
    else for (const peer of peers) output.fields(peerFields(peer))
  })
}

async function modifyPeerServer(
  {
    server,
    address,
    rateIn,
    rateOut,
  }: { server: string; address?: string[]; rateIn?: Bound; rateOut?: Bound },
  { client, output }: Invocation,
): Promise<void> {
  const changes = given({ addresses: address, rateIn: boundOf(rateIn), rateOut: boundOf(rateOut) })
  if (Object.keys(changes).length === 0)
    throw new IngotError('usage', 'no change is given', {
      hint: 'give one or more of --address, --rate-in and --rate-out',
    })
  const peer = await client.modifyPeer(server, changes)
  output.result(peer, () => {
    if (address !== undefined) output.line(`${peer.name} is dialled at ${listText(peer.addresses)}`)
    if (rateIn !== undefined || rateOut !== undefined) output.line(`${peer.name}: ${ratesText(peer)}`)
  })
}

async function acceptPeerServer(options: { server: string }, { client, output }: Invocation): Promise<void> {
  const peer = await client.acceptPeer(options.server)
  output.result(peer, () => output.line(`intake from ${peer.name} goes on`))
}

function peerTable(output: Output, peers: readonly PeerDocument[]): void {
  output.table(
    ['PEER', 'LINK', { title: 'LAG', align: 'right' }, 'LAST CONTACT', 'TAKEN HERE', 'TAKEN THERE', 'REASON'],
    peers.map((peer) => [
      peer.name,
      stateCell(peer.link),
      peer.lag === null ? '?' : String(peer.lag),
      formatTime(peer.lastContact),
      briefText(peer.subscriptions),
      briefText(peer.theirSubscriptions),
      peer.fault ?? peer.reason ?? '',
    ]),
  )
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
    ['lag', peer.lag === null ? 'unknown' : `${peer.lag} ${peer.lag === 1 ? 'entry' : 'entries'}`],
    ...ratesFields(peer),
    ['wrong leaves', peer.wrongLeaves === 0 ? '0' : { text: String(peer.wrongLeaves), style: 'red' }],
    ['taken here', listText(peer.subscriptions)],
    ['taken there', listText(peer.theirSubscriptions)],
  ]
}
