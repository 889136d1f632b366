import { yamux } from '@chainsafe/libp2p-yamux'
import type { MessageStream, Stream, StreamMuxer } from '@libp2p/interface'
import type { Uint8ArrayList } from 'uint8arraylist'
import { IngotError } from '../core/errors.ts'
import type { Limits } from '../core/limits.ts'
import type { FrameBudget } from './frame-budget.ts'

/** Most bytes that a peer may send on one stream ahead of our reading. */
const STREAM_WINDOW_BYTES = 4 * 1024 * 1024
/** The same on a stream that it opened: there it asks, and what it asks is small. The window with which each stream begins. */
const ASKING_WINDOW_BYTES = 256 * 1024

/** Header of a frame of yamux: version, type, flags (2), stream (4), length (4). */
const HEADER_BYTES = 12
const TYPE_AT = 1
const FLAGS_AT = 2
const LENGTH_AT = 8
const DATA = 0
const PING = 2
const SYN = 1

/** What a frame costs, as many small ones: a ping is answered at once in a frame of its own, a stream is negotiated. */
const PING_COST = 100
const STREAM_COST = 10

/** What the library's muxer reads frames with (@chainsafe/libp2p-yamux 8). */
interface FrameDecoder {
  buffer: Uint8ArrayList
  readFrame: () => Frame | undefined
}
interface Frame {
  header: unknown
  data?: Uint8ArrayList
}

/** A payload of fewer bytes is copied: it is a part of a message of noise, up to 64 KiB, which would be kept for it until it is read. */
const COPIED_BYTES = 16 * 1024

/** What a piece that comes before the protocol is agreed on counts at least, bytes: each is an object of its own. */
const EARLY_PIECE_BYTES = 256

/** What the library's muxer takes a stream of the other side with, and the stream its data. */
interface StreamTaker {
  onRemoteStream: (stream: EarlyStream) => void
}
type EarlyStream = Stream & { onData: (data: Uint8Array | Uint8ArrayList) => void }

export interface MuxerBounds {
  limits: Pick<Limits, 'unsentBytes' | 'streamsPerConnection' | 'negotiationBytes'>
  /** The frames that the peer at the other end may send. */
  budgetOf: (connection: MessageStream) => FrameBudget
  /** Told when it sent more. */
  onFlood: (connection: MessageStream, error: IngotError) => void
}

/**
 * Yamux, as the library does it, with bounds that it lacks: it collects a frame of whatever length its header says, up to 4 GiB,
 * before it looks at the stream's window; it takes as many frames as come, each of which costs the same work if it carries a
 * byte or nothing; while the protocol of a stream is agreed on, which may take seconds, it keeps megabytes of it; and what it
 * answers to frames of the other side, which needs no window, waits without end for a peer that does not read.
 */
export function boundedYamux({ limits, budgetOf, onFlood }: MuxerBounds): ReturnType<typeof yamux> {
  const make = yamux({
    maxInboundStreams: limits.streamsPerConnection,
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
        const budget = budgetOf(connection)
        boundFrames(muxer, budget, (error) => onFlood(connection, error))
        countSent(connection, budget)
        boundEarly(muxer, limits.negotiationBytes)
        boundUnsent(connection, limits.unsentBytes)
        return muxer
      },
    })
  }
}

/**
 * Refuses frames that no window allows, and more of them than the budget has. True when it could be done: the library is made as
 * it is taken to be.
 */
export function boundFrames(
  muxer: StreamMuxer,
  budget: FrameBudget,
  onFlood: (error: IngotError) => void,
): boolean {
  const { decoder } = muxer as unknown as { decoder?: Partial<FrameDecoder> }
  if (typeof decoder?.readFrame !== 'function' || decoder.buffer === undefined) return false
  const { buffer } = decoder
  const readFrame = decoder.readFrame.bind(decoder)
  decoder.readFrame = () => {
    if (buffer.byteLength < HEADER_BYTES) return readFrame()
    const type = buffer.get(TYPE_AT)
    const length = type === DATA ? buffer.getUint32(LENGTH_AT) : 0
    if (length > STREAM_WINDOW_BYTES) throw new Error(`a frame of ${length} bytes on a stream`)
    const cost = costOf(type, buffer.getUint16(FLAGS_AT))
    const frame = readFrame()
    if (frame === undefined) return undefined
    if (!budget.take(cost, length)) {
      const error = new IngotError('protocol', 'too many small frames of the muxer')
      onFlood(error)
      throw error
    }
    if (length < COPIED_BYTES && frame.data !== undefined) own(frame.data)
    return frame
  }
  return true
}

/** Puts a copy of what a list has in its place. */
function own(list: Uint8ArrayList): void {
  const copy = new Uint8Array(list.subarray())
  list.consume(list.byteLength)
  list.append(copy)
}

function costOf(type: number, flags: number): number {
  if (type === PING) return PING_COST
  return (flags & SYN) === 0 ? 1 : STREAM_COST
}

/** Counts what goes out to the budget of what comes in. */
function countSent(connection: MessageStream, budget: FrameBudget): void {
  const send = connection.send.bind(connection)
  connection.send = (data) => {
    budget.earn(data.byteLength)
    return send(data)
  }
}

/**
 * Resets streams of the other side that send more than `most` bytes before their protocol is agreed on: from then on, their handler
 * bounds what waits. True when it could be done.
 */
export function boundEarly(muxer: StreamMuxer, most: number): boolean {
  const taker = muxer as unknown as Partial<StreamTaker>
  if (typeof taker.onRemoteStream !== 'function') return false
  const take = taker.onRemoteStream.bind(muxer)
  taker.onRemoteStream = (stream) => {
    boundUntilAgreed(stream, most)
    take(stream)
  }
  return true
}

function boundUntilAgreed(stream: EarlyStream, most: number): void {
  const receive = stream.onData.bind(stream)
  let came = 0
  stream.onData = (data) => {
    if (stream.protocol !== '') {
      stream.onData = receive
      receive(data)
      return
    }
    came += Math.max(EARLY_PIECE_BYTES, data.byteLength)
    if (came > most) stream.abort(new IngotError('protocol', `more than ${most} bytes before a protocol`))
    else receive(data)
  }
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
