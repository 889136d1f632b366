import { noise } from '@chainsafe/libp2p-noise'
import type { MessageStream } from '@libp2p/interface'
import type { Uint8ArrayList } from 'uint8arraylist'

/** Bytes of the tag that ends an encrypted frame. */
const TAG_BYTES = 16

/** What the library's encrypted streams are made of (@chainsafe/libp2p-noise 17). */
interface Encrypted {
  handshake: { decrypt: (frame: Uint8ArrayList) => Uint8Array | Uint8ArrayList }
  decrypt: (frame: Uint8ArrayList) => Uint8Array | Uint8ArrayList
  sendData: (data: Uint8ArrayList) => { sentBytes: number; canSendMore: boolean }
}

/** A socket that can hold back what is written to it, to send it at once. */
interface Corkable {
  cork: () => void
  uncork: () => void
}

/**
 * Noise, as the library does it, without two costs of what follows its handshake: it joins the pieces of each frame that it decrypts
 * into one for a cipher that needs no such, and each frame that it sends is four writes to the socket. Where a version of the library
 * is made otherwise, it is left as it is. `onSecured` is told whose key each connection proved.
 */
export function leanNoise(
  onSecured: (connection: MessageStream, peerId: string) => void = () => {},
): ReturnType<typeof noise> {
  const make = noise()
  return (components) => {
    const encrypter = make(components)
    const secureInbound = encrypter.secureInbound.bind(encrypter)
    const secureOutbound = encrypter.secureOutbound.bind(encrypter)
    return Object.assign(encrypter, {
      secureInbound: async (...[stream, options]: Parameters<typeof secureInbound>) => {
        const secured = await secureInbound(stream, options)
        makeLean(secured.connection, stream)
        onSecured(secured.connection, secured.remotePeer.toString())
        return secured
      },
      secureOutbound: async (...[stream, options]: Parameters<typeof secureOutbound>) => {
        const secured = await secureOutbound(stream, options)
        makeLean(secured.connection, stream)
        onSecured(secured.connection, secured.remotePeer.toString())
        return secured
      },
    })
  }
}

/** True when it was made lean. */
export function makeLean(encrypted: MessageStream, plain: MessageStream): boolean {
  const { socket } = plain as Partial<{ socket: Corkable }>
  if (!isKnown(encrypted) || typeof socket?.cork !== 'function' || typeof socket.uncork !== 'function')
    return false
  const sendData = encrypted.sendData.bind(encrypted)
  encrypted.sendData = (data) => {
    socket.cork()
    try {
      return sendData(data)
    } finally {
      socket.uncork()
    }
  }
  encrypted.decrypt = (frame) => {
    if (frame.byteLength < TAG_BYTES) throw new Error('an encrypted frame without a tag')
    return encrypted.handshake.decrypt(frame)
  }
  return true
}

function isKnown(stream: MessageStream): stream is MessageStream & Encrypted {
  const { handshake, decrypt, sendData } = stream as Partial<Encrypted>
  return (
    typeof handshake?.decrypt === 'function' &&
    typeof decrypt === 'function' &&
    typeof sendData === 'function'
  )
}
