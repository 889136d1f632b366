import { IngotError } from '../core/errors.ts'
import type { ServerDocument } from '../control/documents.ts'
import { given } from './given.ts'
import type { Grammar, Invocation } from './grammar.ts'
import { boundOf, nameOf, type Bound } from './options.ts'
import { parseRateOrNone, ratesFields, ratesText } from './rate.ts'
import { readServerData, writeServerData } from './server-data.ts'
import type { Cell } from './table.ts'

/** `export server`, `register server`, `unregister server`, `modify server` and `query server`. */
export function addServerCommands(grammar: Grammar): void {
  grammar
    .command('export server', {
      summary: 'write the server-data file, by which another server registers this one',
      example: 'ingot export server --serverdata /tmp/hq.serverdata',
    })
    .option('--serverdata <FILE>', 'the file to write (default: standard output)')
    .action(grammar.action(exportServer))
  grammar
    .command('register server', {
      summary: 'register another server as a peer; it must register this one too',
      example: 'ingot register server --serverdata /tmp/branch7.serverdata --server branch7',
    })
    .requiredOption('--serverdata <FILE>', 'its server-data file; - for standard input')
    .option(
      '--server <NAME>',
      'the name it has here (default: the name it gives itself)',
      nameOf('server name'),
    )
    .option('--fingerprint <F>', 'register only if its key has this fingerprint')
    .action(grammar.action(registerServer))
  grammar
    .command('unregister server', {
      summary: 'end the relation with a peer; images that are here stay',
      example: 'ingot unregister server --server branch7',
    })
    .requiredOption('--server <PEER>', 'the peer', nameOf('server name'))
    .option('--force', 'do so even if the peer cannot be told')
    .action(grammar.action(unregisterServer))
  grammar
    .command('query server', { summary: 'show this server', example: 'ingot query server' })
    .action(grammar.action(queryServer))
  grammar
    .command('modify server', {
      summary: 'change what may be received from and sent to all peers together',
      example: 'ingot modify server --rate-in 80Mbit --rate-out none',
    })
    .option(
      '--rate-in <R>',
      'what is received per second: 10MB, 500KiB, 80Mbit; none: no bound',
      parseRateOrNone,
    )
    .option('--rate-out <R>', 'what is sent per second; none: no bound', parseRateOrNone)
    .action(grammar.action(modifyServer))
}

async function exportServer(options: { serverdata?: string }, invocation: Invocation): Promise<void> {
  const { output } = invocation
  const file =
    options.serverdata === undefined || options.serverdata === '-'
      ? null
      : invocation.path(options.serverdata, '--serverdata')
  const { serverData, fingerprint } = await invocation.client.serverData()
  const document = { serverData, fingerprint, file }
  const compare = 'bring the fingerprint to the other server by another way than the file'
  if (file === null) {
    output.data(document, () => output.raw(serverData))
    output.note(`fingerprint: ${fingerprint}`)
    output.note(compare)
    return
  }
  await writeServerData(file, serverData)
  output.result(document, () => {
    output.line(`server data written to ${file}`)
    output.line(`fingerprint: ${fingerprint}`)
    output.note(compare)
  })
}

async function registerServer(
  options: { serverdata: string; server?: string; fingerprint?: string },
  invocation: Invocation,
): Promise<void> {
  const { serverdata, ...rest } = options
  const path = serverdata === '-' ? '-' : invocation.path(serverdata, '--serverdata')
  const serverData = await readServerData(path, invocation.io.stdin)
  const peer = await invocation.client.register(given({ serverData, ...rest }))
  const { output } = invocation
  output.result(peer, () => {
    output.line(`registered ${peer.name} (${peer.peerId})`)
    output.line(`fingerprint: ${peer.fingerprint}`)
    if (rest.fingerprint === undefined) output.line('compare it with what "ingot export server" shows there')
    output.line(`${peer.name} must register this server too: until then nothing is exchanged`)
  })
}

async function unregisterServer(
  options: { server: string; force?: boolean },
  invocation: Invocation,
): Promise<void> {
  await invocation.client.unregister(options.server, options.force === true)
  const { output } = invocation
  output.result({ server: options.server, unregistered: true }, () => {
    output.line(`unregistered ${options.server}; images that came from there stay`)
  })
}

async function modifyServer(
  { rateIn, rateOut }: { rateIn?: Bound; rateOut?: Bound },
  { client, output }: Invocation,
): Promise<void> {
  const changes = given({ rateIn: boundOf(rateIn), rateOut: boundOf(rateOut) })
  if (Object.keys(changes).length === 0)
    throw new IngotError('usage', 'no change is given', { hint: 'give --rate-in, --rate-out, or both' })
  const server = await client.modifyServer(changes)
  output.result(server, () => output.line(`all peers together: ${ratesText(server)}`))
}

async function queryServer(_options: object, { client, output }: Invocation): Promise<void> {
  const server = await client.server()
  output.data(server, () => output.fields(serverFields(server)))
}

/** This server, as `query server` and `status` show it. */
export function serverFields(server: ServerDocument): [string, Cell][] {
  const journal = `${server.journalId}, entry ${server.journalSeq}`
  return [
    ['name', server.name],
    ['peer id', server.peerId],
    ['fingerprint', server.fingerprint],
    ['addresses', server.addresses.join(', ')],
    ['version', server.version],
    ['home', server.home],
    ['images', server.images],
    ...ratesFields(server),
    [
      'journal',
      server.journalFault === null ? journal : { text: `${journal}: ${server.journalFault}`, style: 'red' },
    ],
  ]
}
