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
    await channel.end(step)
    return { answer: answer.hello, roundTripMs }
  } catch (error) {
    channel.abort(error as Error)
    throw error
  }
}

/** Answers hellos; `onHello` says what we answer to one of our version. */
export async function answerHellos(
  host: Host,
  limits: Limits,
  onHello: (hello: Hello, connection: Connection) => HelloAnswer,
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
    await channel.writeFrame(encodeHelloAnswer(answer), step)
  })
}
