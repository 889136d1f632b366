import { IngotError } from '../core/errors.ts'
import type { Limits } from '../core/limits.ts'
import { checkServerData, type SealedServerData, type ServerData } from '../image/server-data.ts'
import { SIGNATURE_BYTES, type Signer } from '../image/signature.ts'
import { bytesOf, decodeMessage, encodeMessage, listOf, present, textOf, timeOf } from './decode.ts'
import { ingot } from './generated/messages.js'

const BEGIN = '-----BEGIN INGOT SERVER DATA-----'
const END = '-----END INGOT SERVER DATA-----'

/** The text of a server-data file: signed, in base64 lines of 64 characters. */
export function writeServerData(data: ServerData, sign: Signer): string {
  const bytes = encodeMessage(ingot.ServerData, { version: 1, ...data })
  const signature = sign('ingot/server-data-signature/1', bytes)
  const signed = encodeMessage(ingot.SignedServerData, { serverData: bytes, signature })
  const lines =
    Buffer.from(signed)
      .toString('base64')
      .match(/.{1,64}/g) ?? []
  return [BEGIN, ...lines, END, ''].join('\n')
}

/** Reads and checks the text of a server-data file. Throws `invalid` or `too-large` with what is wrong. */
export function readServerData(text: string, limits: Limits): ServerData {
  if (text.length > limits.serverDataBytes) {
    throw new IngotError('too-large', `the server data has more than ${limits.serverDataBytes} bytes`, {
      hint: 'is this the file that "ingot export server" wrote?',
    })
  }
  const lines = text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '')
  const base64 = lines.slice(1, -1).join('')
  if (lines[0] !== BEGIN || lines.at(-1) !== END || !/^[A-Za-z0-9+/]+={0,2}$/.test(base64)) {
    throw new IngotError('invalid', 'this is not a server-data file', {
      hint: 'take the file that "ingot export server --serverdata FILE" wrote on the other server, whole',
    })
  }
  return checkServerData(decode(Buffer.from(base64, 'base64'), limits))
}

function decode(file: Uint8Array, limits: Limits): SealedServerData {
  try {
    const signed = decodeMessage(ingot.SignedServerData, file, limits.serverDataBytes)
    const bytes = present(signed.serverData, 'server_data')
    const message = decodeMessage(ingot.ServerData, bytes, limits.serverDataBytes)
    if (message.version !== 1) throw new IngotError('invalid', `version ${message.version} is not known here`)
    const data: ServerData = {
      name: textOf(message.name, 128, 'name'),
      peerId: textOf(message.peerId, 128, 'peer_id'),
      addresses: listOf(message.addresses, limits.addressesPerPeer, 'addresses').map((a) =>
        textOf(a, 512, 'addresses'),
      ),
      createdAt: timeOf(message.createdAt, 'created_at'),
    }
    return { data, bytes, signature: bytesOf(signed.signature, SIGNATURE_BYTES, 'signature') }
  } catch (cause) {
    throw new IngotError('invalid', 'the server data is damaged', {
      cause,
      hint: 'run "ingot export server" on that server again and bring the file here unchanged',
    })
  }
}
