import type { Limits } from '../core/limits.ts'
import {
  decodeSubscriptions,
  encodeSubscriptions,
  encodeSubscriptionsAck,
  type ToldSelector,
} from '../wire/subscriptions.ts'
import type { Host } from './host.ts'
import type { Links } from './links.ts'

const PROTOCOL = '/ingot/subscriptions/1'

/** Takes what peers tell of their selectors on our images. */
export async function serveSubscriptions(
  host: Host,
  limits: Limits,
  onSubscriptions: (peerId: string, selectors: ToldSelector[]) => void,
): Promise<void> {
  await host.handle(PROTOCOL, async (channel, connection) => {
    const step = { timeoutMs: limits.exchangeMs, signal: host.stopping }
    const frame = await channel.requireFrame(limits.messageBytes, step)
    onSubscriptions(connection.remotePeer.toString(), decodeSubscriptions(frame, limits))
    await channel.writeFrame(encodeSubscriptionsAck(), step)
  })
}

/** Tells a peer our selectors on its images. */
export async function tellSubscriptions(
  links: Links,
  peerId: string,
  selectors: readonly ToldSelector[],
  options: { limits: Limits; signal: AbortSignal },
): Promise<void> {
  const { limits, signal } = options
  const step = { timeoutMs: limits.exchangeMs, signal }
  const channel = await links.open(peerId, PROTOCOL, signal)
  try {
    await channel.writeFrame(encodeSubscriptions(selectors), step)
    await channel.requireFrame(limits.messageBytes, step)
    await channel.end(step)
  } catch (error) {
    channel.abort(error as Error)
    throw error
  }
}
