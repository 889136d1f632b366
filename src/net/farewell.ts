import type { Limits } from '../core/limits.ts'
import { decodeFarewell, encodeFarewell, encodeFarewellAck } from '../wire/farewell.ts'
import type { Host } from './host.ts'
import type { Links } from './links.ts'

const PROTOCOL = '/ingot/farewell/1'

/** Answers farewells. `onFarewell`, which cuts the connection, runs once the peer has our answer. */
export async function serveFarewells(
  host: Host,
  limits: Limits,
  onFarewell: (peerId: string) => void,
): Promise<void> {
  await host.handle(PROTOCOL, async (channel, connection) => {
    const step = { timeoutMs: limits.exchangeMs, signal: host.stopping }
    decodeFarewell(await channel.requireFrame(limits.messageBytes, step), limits)
    await channel.writeFrame(encodeFarewellAck(), step)
    try {
      await channel.end(step)
      await channel.readFrame(0, step) // the peer ends the stream once it has the answer
    } catch {
      // it is gone already; the relation has ended all the same
    } finally {
      onFarewell(connection.remotePeer.toString())
    }
  })
}

/** Tells a peer that the relation has ended here; resolves when it was heard. `time`: milliseconds since 1970. */
export async function sayFarewell(
  links: Links,
  peerId: string,
  options: { time: number; limits: Limits; signal: AbortSignal },
): Promise<void> {
  const { time, limits, signal } = options
  const step = { timeoutMs: limits.exchangeMs, signal }
  const channel = await links.open(peerId, PROTOCOL, signal)
  try {
    await channel.writeFrame(encodeFarewell(time), step)
    await channel.requireFrame(limits.messageBytes, step)
    await channel.end(step)
  } catch (error) {
    channel.abort(error as Error)
    throw error
  }
}
