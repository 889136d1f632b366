import type { Limits } from '../core/limits.ts'
import type { Receipt } from '../image/receipt.ts'
import { decodeReceipt, decodeReceiptAck, encodeReceipt, encodeReceiptAck } from '../wire/receipt.ts'
import type { Host } from './host.ts'
import type { Links } from './links.ts'

const PROTOCOL = '/ingot/receipt/1'

/** Answers receipts of peers. `onReceipt` records one and tells whether it is about an image of ours. */
export async function serveReceipts(
  host: Host,
  limits: Limits,
  onReceipt: (peerId: string, receipt: Receipt) => boolean,
): Promise<void> {
  await host.handle(PROTOCOL, async (channel, connection) => {
    const step = { timeoutMs: limits.exchangeMs, signal: host.stopping }
    for await (const frame of channel.frames(limits.messageBytes, step)) {
      const accepted = onReceipt(connection.remotePeer.toString(), decodeReceipt(frame, limits))
      await channel.writeFrame(encodeReceiptAck(accepted), step)
    }
  })
}

/** Sends receipts one after the other on one stream; calls `onAcknowledged` as each is taken. */
export async function sendReceipts(
  links: Links,
  peerId: string,
  receipts: readonly Receipt[],
  options: { limits: Limits; signal: AbortSignal; onAcknowledged: (receipt: Receipt) => void },
): Promise<void> {
  const { limits, signal, onAcknowledged } = options
  const step = { timeoutMs: limits.exchangeMs, signal }
  const channel = await links.open(peerId, PROTOCOL, signal)
  try {
    for (const receipt of receipts) {
      await channel.writeFrame(encodeReceipt(receipt), step)
      decodeReceiptAck(await channel.requireFrame(limits.messageBytes, step), limits)
      onAcknowledged(receipt)
    }
    await channel.end(step)
  } catch (error) {
    channel.abort(error as Error)
    throw error
  }
}
