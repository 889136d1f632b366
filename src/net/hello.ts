import type { Connection } from '@libp2p/interface'
import { IngotError } from '../core/errors.ts'
import type { Limits } from '../core/limits.ts'
import {
  PROTOCOL_VERSION,
  decodeHello,
  decodeHelloAnswer,
  encodeHello,
  encodeHelloAnswer,
  type Hello,
  type HelloAnswer,
} from '../wire/hello.ts'
import type { Host } from './host.ts'

const PROTOCOL = '/ingot/hello/1'

/** What the peer said, and how long it took after we had spoken, milliseconds. */
export interface Greeted {
  answer: Hello
  roundTripMs: number
}

/** Asks: sends our hello on a connection that we dialled; resolves to the peer's. Throws `protocol` when refused. */
export async function greet(
  host: Host,
  connection: Connection,
  options: { hello: Hello; limits: Limits; signal: AbortSignal },
): Promise<Greeted> {
  const { hello, limits, signal } = options
  const step = { timeoutMs: limits.exchangeMs, signal }
  const channel = await host.openChannel(connection, PROTOCOL, signal)
  try {
    const spokenAt = performance.now()
    await channel.writeFrame(encodeHello(hello), step)
    const answer = decodeHelloAnswer(await channel.requireFrame(limits.messageBytes, step), limits)
    const roundTripMs = performance.now() - spokenAt
    if (answer.refusal !== undefined) {
      throw new IngotError('conflict', `the peer refused the hello (${answer.refusal}): ${answer.detail}`)
    }
    if (answer.hello.version !== PROTOCOL_VERSION)
      throw new IngotError('conflict', otherVersion(answer.hello.version))
    await channel.end(step)
    return { answer: answer.hello, roundTripMs }
  } catch (error) {
    channel.abort(error as Error)
    throw error
  }
}

/** What an operator reads where a peer speaks another version of the protocol. */
function otherVersion(theirs: number): string {
  return `it speaks version ${theirs} of the protocol, this server version ${PROTOCOL_VERSION}: upgrade the older of the two`
}

/**
 * Answers hellos; `onHello` says what we answer to one of our version, `onRefused` is told why one of another version was turned
 * away.
 */
export async function answerHellos(
  host: Host,
  limits: Limits,
  onHello: (hello: Hello, connection: Connection) => HelloAnswer,
  onRefused: (peerId: string, reason: string) => void = () => {},
): Promise<void> {
  await host.handle(PROTOCOL, async (channel, connection) => {
    const step = { timeoutMs: limits.exchangeMs, signal: host.stopping }
    const hello = decodeHello(await channel.requireFrame(limits.messageBytes, step), limits)
    const answer: HelloAnswer =
      hello.version === PROTOCOL_VERSION
        ? onHello(hello, connection)
        : {
            refusal: 'version',
            detail: `this server speaks version ${PROTOCOL_VERSION}, not ${hello.version}; upgrade the older of the two`,
          }
    if (hello.version !== PROTOCOL_VERSION)
      onRefused(connection.remotePeer.toString(), otherVersion(hello.version))
    await channel.writeFrame(encodeHelloAnswer(answer), step)
  })
}
