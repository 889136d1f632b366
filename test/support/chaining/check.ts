import { errorDocument } from '../../../src/control/context.ts'
import { isIngotError } from '../../../src/core/errors.ts'
import { defaultLimits } from '../../../src/core/limits.ts'
import { decodeEvent, decodeJournalAnswer } from '../../../src/wire/journal.ts'
import type { ChainNetwork } from './chain-network.ts'
import { describeSubject, type ModelServer, type Subject } from './model.ts'
import { fieldsOf, type Field } from './wire-fields.ts'
import type { Sent } from './wire-tap.ts'

/** What must never happen. */
export class Violation extends Error {
  override readonly name = 'Violation'
}

const ID_BYTES = 32

/** Judges all that was sent since the last call, by what the model says now. */
export function checkSent(network: ChainNetwork): void {
  for (const sent of network.tap.drain()) checkOne(network, sent)
}

function checkOne(network: ChainNetwork, sent: Sent): void {
  const { model } = network
  const from = model.servers[sent.from] as ModelServer
  const to = receiverOf(network, sent.to)
  const what = `${from.name} → ${to?.name ?? sent.to}, ${sent.kind} of ${sent.protocol}`
  if (to === undefined) throw new Violation(`${what}: to nobody of this network`)
  // Who dials cannot know that the other side has not registered it, and says hello.
  const mayTalk = sent.protocol === '/ingot/hello/1' ? from.met.has(to) : model.werePeers(from, to)
  if (!mayTalk) throw new Violation(`${what}: they are no peers`)
  for (const field of fieldsIn(sent, what)) {
    for (const { trace, subjects } of model.traces.find(field.value)) {
      if (isBareAncestor(field) && [...subjects].every(({ kind }) => kind === 'image-id')) continue
      if ([...subjects].some((subject) => model.mayCross(from, to, subject))) continue
      throw new Violation(`${what}: ${field.message}.${field.field} has ${inWords(trace, subjects)}`)
    }
  }
  keepManifest(network, sent)
}

function receiverOf(network: ChainNetwork, peerId: string): ModelServer | undefined {
  if (peerId === network.relay.peerId) return network.relayModel
  return network.model.servers[network.servers.findIndex((server) => server.peerId === peerId)]
}

function fieldsIn(sent: Sent, what: string): Field[] {
  if (sent.kind === 'payload') return [{ message: 'payload', field: 'bytes', value: sent.bytes }]
  try {
    return fieldsOf(sent.protocol, sent.bytes, sent.asks)
  } catch (error) {
    throw new Violation(`${what}: ${String(error)}`, { cause: error })
  }
}

/** The one thing that may cross a second link: an id and nothing but the id, in the list of ancestors of a manifest. */
function isBareAncestor({ message, field, value }: Field): boolean {
  return message === 'Manifest' && field === 'ancestors' && value.length === ID_BYTES
}

function inWords(trace: Buffer, subjects: ReadonlySet<Subject>): string {
  const text = trace.toString('latin1')
  const shown = /^[\x20-\x7e]+$/.test(text) ? JSON.stringify(text) : trace.toString('hex')
  return `${shown}, of ${[...subjects].map(describeSubject).join(', ')}`
}

/** For the relay, which passes on what others signed. */
function keepManifest(network: ChainNetwork, sent: Sent): void {
  if (sent.protocol !== '/ingot/journal/1' || sent.asks) return
  const answer = decodeJournalAnswer(sent.bytes, defaultLimits)
  if (answer.type !== 'entry' || answer.entry.body === undefined) return
  const event = decodeEvent(answer.entry.body, defaultLimits)
  if (event.type === 'image-published') network.announced.set(event.image.id, event.image)
}

/** What a server says when it is asked: by question. */
type Questions = Record<string, () => Promise<unknown>>

/** Asks every server for which something may have changed for what it lists, and judges the answers. */
export async function checkAnswers(network: ChainNetwork): Promise<void> {
  const running = network.running()
  const touched = [...network.touched].filter(([server]) => running.includes(server))
  await Promise.all(
    touched.map(async ([server, active]) => await ask(network, server, questionsTo(network, server, active))),
  )
  checkSent(network) // what the questions made them say to each other
  network.touch()
  network.touched.clear()
}

/** Asks every server that runs for what it has gathered in all the time. */
export async function checkGathered(network: ChainNetwork): Promise<void> {
  for (const server of network.running()) {
    const { client } = network.real(server)
    await ask(network, server, {
      'query peerserver': async () => await client.peers({}),
      'query series': async () => await client.series({}),
      'query audit': async () => await client.audit({}),
    })
  }
}

/** `active`: peer ids of those whose journals were heard: what they announce may be another. */
function questionsTo(network: ChainNetwork, server: ModelServer, active: ReadonlySet<string>): Questions {
  const real = network.real(server)
  const { client } = real
  const questions: Questions = {
    'query image': async () => await client.images({}),
    'query job': async () => await client.jobs({}),
    'query subscription': async () => await client.subscriptions({}),
    'the images directory': async () => await real.stored(),
    'the log': async () => await Promise.resolve(real.log.splice(0)),
  }
  for (const { name, index } of server.registered) {
    if (!active.has(network.servers[index]?.peerId ?? network.relay.peerId)) continue
    questions[`query image --server ${name}`] = async () => await client.images({ server: name })
    questions[`query series --server ${name}`] = async () => await client.series({ server: name })
  }
  return questions
}

async function ask(network: ChainNetwork, server: ModelServer, questions: Questions): Promise<void> {
  for (const [question, answering] of Object.entries(questions)) {
    const answer = await answering().catch((error: unknown) => {
      if (!isIngotError(error) || error.code === 'failed') throw error
      return errorDocument(error) // a refusal is an answer
    })
    for (const { trace, subjects } of network.model.traces.find(Buffer.from(answerText(answer)))) {
      if ([...subjects].some((subject) => network.model.mayHold(server, subject))) continue
      throw new Violation(`${server.name}, ${question}: ${inWords(trace, subjects)}`)
    }
  }
}

/** All texts of an answer but the bare ids of ancestors. */
function answerText(answer: unknown): string {
  return JSON.stringify(answer, (key, value: unknown) =>
    key === 'ancestors' && Array.isArray(value) ? value.map(({ ref }: { ref: string | null }) => ref) : value,
  )
}
