import { yamux } from '@chainsafe/libp2p-yamux'
import type { MessageStream, Stream, StreamMuxer } from '@libp2p/interface'
import type { Uint8ArrayList } from 'uint8arraylist'

/** Most bytes that a peer may send on one stream ahead of our reading. */
const STREAM_WINDOW_BYTES = 4 * 1024 * 1024
/** The same on a stream that it opened: there it asks, and what it asks is small. The window with which each stream begins. */
const ASKING_WINDOW_BYTES = 256 * 1024

/** Header of a frame of yamux: version, type, flags (2), stream (4), length (4). */
const HEADER_BYTES = 12
const TYPE_AT = 1
const LENGTH_AT = 8
const DATA = 0

/** What the library's muxer reads frames with (@chainsafe/libp2p-yamux 8). */
interface FrameDecoder {
  buffer: Uint8ArrayList
  readFrame: () => unknown
}

/**
 * Yamux, as the library does it, with two bounds that it lacks: it collects a frame of whatever length its header says, up to 4 GiB,
 * before it looks at the stream's window; and what it answers to frames of the other side, which needs no window, waits without end
 * for a peer that does not read. `unsentBytes`: bytes that may wait on one connection.
 */
export function boundedYamux(unsentBytes: number): ReturnType<typeof yamux> {
  const make = yamux({
    // What a stream that is paused may still be sent: libp2p cuts it when it keeps more than maxReadBufferLength unread.
    streamOptions: {
      maxStreamWindowSize: STREAM_WINDOW_BYTES,
      maxReadBufferLength: 2 * STREAM_WINDOW_BYTES,
    },
  })
  return () => {
    const factory = make()
    const create = factory.createStreamMuxer.bind(factory)
    return Object.assign(factory, {
      createStreamMuxer: (connection: MessageStream) => {
        const muxer = create(connection)
        boundFrames(muxer)
        boundUnsent(connection, unsentBytes)
        return muxer
      },
    })
  }
}

/** Refuses frames that no window allows. True when it could be done: the library is made as it is taken to be. */
export function boundFrames(muxer: StreamMuxer): boolean {
  const { decoder } = muxer as unknown as { decoder?: Partial<FrameDecoder> }
  if (typeof decoder?.readFrame !== 'function' || decoder.buffer === undefined) return false
  const { buffer } = decoder
  const readFrame = decoder.readFrame.bind(decoder)
  decoder.readFrame = () => {
    if (buffer.byteLength >= HEADER_BYTES && buffer.get(TYPE_AT) === DATA) {
      const length = buffer.getUint32(LENGTH_AT)
      if (length > STREAM_WINDOW_BYTES) throw new Error(`a frame of ${length} bytes on a stream`)
    }
    return readFrame()
  }
  return true
}

/** Cuts a connection whose other side takes nothing while it makes us answer. True when it could be done. */
export function boundUnsent(connection: MessageStream, unsentBytes: number): boolean {
  if (!('maxWriteBufferLength' in connection)) return false
  connection.maxWriteBufferLength = unsentBytes
  return true
}

/** Keeps the window of a stream that a peer opened as small as it began. */
export function keepNarrow(stream: Stream): void {
  if ('maxStreamWindowSize' in stream) stream.maxStreamWindowSize = ASKING_WINDOW_BYTES
}
