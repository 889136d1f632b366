import { mkdir, writeFile } from 'node:fs/promises'
import { setTimeout as pause } from 'node:timers/promises'
import type { Limits } from '../../../src/core/limits.ts'
import type { Digest } from '../../../src/image/digest.ts'
import { genesisHash, signHead } from '../../../src/image/journal.ts'
import { peer, waitLink, type Bed, type Daemon } from '../daemon.ts'
import { randomBytes } from '../files.ts'
import { Answerer, SERIES } from './answering.ts'
import { Asker, type AskedProtocol } from './asking.ts'
import { Choices } from './choices.ts'
import { FuzzPeer, type Target } from './fuzz-peer.ts'
import type { Known } from './messages.ts'
import { Outsider } from './outsider.ts'
import { Tally } from './tally.ts'
import { Watch, ownFaults, type Watched } from './watch.ts'

/** Peers that ask, and peers that answer. */
const ASKERS = 4
const ANSWERERS = 2
/** Bytes by which a server may grow once it is warm. */
export const GROWTH_BYTES = 100 * 2 ** 20
/** Share of the messages after which it is warm. */
const WARM_UP = 0.25

/**
 * Bounds of the server that is under fire: a peer that broke the protocol is kept out for milliseconds, not for seconds, and may come
 * again as often as it likes, so that one run sends as much as a day would. All others are those of service.
 */
const victimLimits: Partial<Limits> = {
  redialMinMs: 1,
  redialMaxMs: 4,
  jobRetryMinMs: 20,
  jobRetryMaxMs: 200,
  refusedHandshakesPerMinute: 1_000_000,
  connectionsPerMinute: 1_000_000,
  freeSpaceFloor: 0,
}

export interface FuzzOptions {
  /** Messages to send, at least. */
  messages: number
  seed: number
  /** What askers speak; answers are of all protocols. */
  protocols: readonly AskedProtocol[]
  /** Told now and then how far it is. */
  onProgress: (line: string) => void
}

export interface FuzzReport {
  seed: number
  messages: number
  seconds: number
  sent: Record<string, number>
  connections: number
  cuts: number
  watched: Watched
  /** Empty when all was well. */
  problems: string[]
}

/** Sends changed messages to a real server in a process of its own, asking and answering, registered and not, beside an honest peer. */
export async function runFuzz(bed: Bed, options: FuzzOptions): Promise<FuzzReport> {
  const { messages, seed, onProgress } = options
  const choices = new Choices(seed)
  const tally = new Tally()
  const victim = await bed.start('victim', { limits: victimLimits })
  const honest = await bed.start('honest', { limits: { redialMinMs: 10, redialMaxMs: 50 } })
  await peer(victim, honest)
  for (const [one, other] of [
    [victim, honest],
    [honest, victim],
  ] as const)
    await one.client.subscribe({ server: other.name, selector: { kind: 'all' } })
  const images = await publishImages(bed, victim)
  const stop = new AbortController()
  const peers: FuzzPeer[] = []
  bed.onEnd(async () => {
    stop.abort()
    for (const each of peers) await each.stop()
  })
  const target: Target = { peerId: victim.ready.peerId, addresses: victim.ready.addresses }
  const open = async (name: string): Promise<{ peer: FuzzPeer; known: Known }> => {
    const each = await FuzzPeer.start(`${name}-${seed}`, stop.signal)
    peers.push(each)
    const journalId = choices.bytes(16).toString('hex')
    const head = signHead({ journalId, seq: 0, hash: genesisHash(journalId), time: 0 }, each.key.sign)
    return { peer: each, known: { key: each.key, images, head } }
  }
  const askers: Asker[] = []
  for (let i = 0; i < ASKERS; i++) {
    const { peer: each, known } = await open(`asker-${i}`)
    await victim.client.register({ serverData: each.serverData(false) })
    askers.push(new Asker(each, target, { tally, known }))
  }
  const answerers: Answerer[] = []
  // A short run goes on until it has met what comes seldom, for so long.
  const seldom = ['answer with content', 'knock without registration']
  const hasMetAll = () => tally.cuts > 0 && seldom.every((kind) => (tally.sent[kind] ?? 0) > 0)
  const isDone = () =>
    tally.problems.length > 0 || (tally.total >= messages && (hasMetAll() || tally.total >= 10 * messages))
  for (let i = 0; i < ANSWERERS; i++) {
    const { peer: each, known } = await open(`answerer-${i}`)
    const answerer = new Answerer(each, target, { tally, known, choices: choices.child(100 + i) })
    await answerer.start()
    await victim.client.register({ serverData: each.serverData(i === 0) }) // one is dialled, too
    answerers.push(answerer)
  }
  const stranger = await open('stranger')
  const outsider = new Outsider(stranger.peer, target, { tally, known: stranger.known })

  const watch = new Watch({ victim, honest, bed, tally })
  const watching = watch.run()
  const begin = performance.now()
  const working = Promise.all([
    ...askers.map(async (asker, i) => await asker.run(choices.child(i), options.protocols, isDone)),
    ...answerers.map(async (answerer) => await answerer.run(isDone)),
    outsider.run(choices.child(50), isDone),
    acceptFaults(victim, peers, isDone),
    subscribeToAnswers(victim, peers, isDone),
  ])
  for (let round = 0; !isDone(); round++) {
    await pause(200)
    // A run that is over as soon as it is warm is too short to tell.
    if (tally.total >= messages * WARM_UP && !isDone()) watch.warmedUp()
    if (round % 50 === 49) onProgress(progress(tally, begin, watch.seen))
  }
  await working
  await waitLink(victim, honest.name, 'up')
  watch.end()
  await watching
  const seconds = (performance.now() - begin) / 1000
  stop.abort()
  const ended = await victim.terminate()
  if (ended.code !== 0)
    tally.problem(`the server ended with ${ended.code ?? ended.signal}: ${ended.stderr.slice(-2_000)}`)
  for (const fault of ownFaults(ended.stderr)) tally.problem(`in the log: ${fault}`)
  if (watch.isWarm && watch.seen.mostBytes === 0 && process.platform === 'linux')
    tally.problem('its memory was not seen after the warm-up')
  const growth = watch.seen.mostBytes - watch.seen.warmBytes
  if (growth > GROWTH_BYTES) tally.problem(`its memory grew by ${mebibytes(growth)} MiB`)
  const { sent, problems, total, connections, cuts } = tally
  return { seed, messages: total, seconds, sent, connections, cuts, watched: watch.seen, problems }
}

export function mebibytes(bytes: number): number {
  return Math.round(bytes / 2 ** 20)
}

function progress(tally: Tally, begin: number, seen: Watched): string {
  const seconds = (performance.now() - begin) / 1000
  const memory = `${mebibytes(seen.warmBytes)} → ${mebibytes(seen.mostBytes)} MiB`
  const slowest = `slowest answer ${Math.round(seen.slowestAnswerMs)} ms, transfer ${Math.round(seen.slowestTransferMs)} ms`
  return `${tally.total} messages, ${Math.round(tally.total / seconds)}/s, ${tally.connections} connections, memory ${memory}, ${slowest}`
}

/** Images of the server of all kinds that peers may ask for, or must not have: their ids. */
async function publishImages(bed: Bed, victim: Daemon): Promise<Digest[]> {
  const signal = new AbortController().signal
  const make = async (image: string, path: string, more: object = {}) =>
    (await victim.client.importImage({ image, path, ...more }, { signal, onProgress: () => {} })).id as Digest
  const file = bed.file('gold')
  await writeFile(file, randomBytes(300_000, 'gold'))
  const tree = bed.file('tree')
  await mkdir(tree)
  for (const name of ['a', 'b']) await writeFile(`${tree}/${name}`, randomBytes(70_000, name))
  const gold = await make('gold', file)
  const base = bed.file('base')
  await writeFile(base, Buffer.concat([randomBytes(1_500_000, 'base'), Buffer.alloc(500_000)]))
  const parent = await make('base', base)
  await writeFile(base, Buffer.concat([randomBytes(1_500_000, 'base'), Buffer.alloc(500_000, 1)]))
  const child = await make('child', base, { parent: './base' })
  const secret = await make('secret', file, { private: true })
  const early = await make('early', tree, { state: 'TESTABLE' })
  const withdrawn = await make('withdrawn', tree)
  await victim.client.promoteImage({ image: './withdrawn', state: 'RESTRICTED' })
  return [gold, gold, parent, child, await make('home', tree), secret, early, withdrawn]
}

/** The operator who accepts every fault of a journal, so that more can come. */
async function acceptFaults(
  victim: Daemon,
  peers: readonly FuzzPeer[],
  isDone: () => boolean,
): Promise<void> {
  while (!isDone()) {
    const { peers: known } = await victim.client.peers({})
    for (const { name, fault } of known) {
      if (fault !== null && peers.some((each) => each.name === name))
        await victim.client.acceptPeer(name).catch(() => {}) // accepted already
    }
    await pause(250)
  }
}

/** Wants what the answering peers put into their series. */
async function subscribeToAnswers(
  victim: Daemon,
  peers: readonly FuzzPeer[],
  isDone: () => boolean,
): Promise<void> {
  for (const { name } of peers.filter((each) => each.name.startsWith('answerer'))) {
    while (!isDone()) {
      try {
        await victim.client.subscribe({ server: name, selector: { kind: 'series', series: SERIES } })
        break
      } catch {
        await pause(200) // it is not there now
      }
    }
  }
}
