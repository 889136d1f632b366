import type { Stream } from '@libp2p/interface'
import { IngotError } from '../core/errors.ts'
import { Pieces } from './pieces.ts'
import type { Traced } from './trace.ts'

/** Bytes that may wait in a channel for its reader before the sender is told to pause. */
const READ_AHEAD_BYTES = 512 * 1024
/** Most bytes of the varint in front of a frame. */
const VARINT_BYTES = 4
/** Bytes that must arrive, or be taken, within one time limit when a payload is under way. */
const STEP_BYTES = 64 * 1024

/** Bytes handed to the stream at a time: larger frames cost less. */
const SEND_BYTES = 1024 * 1024

/** How long a step may take (milliseconds), and what ends it early. */
export interface StepOptions {
  timeoutMs: number
  signal: AbortSignal
}

/** For frames: the time limit is for a frame that has begun; `idleMs` (default the same) for its first byte, Infinity for none. */
export interface FrameOptions extends StepOptions {
  idleMs?: number
}

/** Sees the frames and payloads of one channel; `bytes` are valid during the call only. */
export type ChannelTrace = (traced: Pick<Traced, 'direction' | 'kind' | 'bytes'>) => void

/**
 * A libp2p stream as frames (a varint with the length, then the bytes) and raw payloads: the one place where streams are
 * read and written. What arrives and is not read yet is bounded: beyond {@link READ_AHEAD_BYTES} the stream is paused.
 * One reader and one writer at a time.
 */
export class Channel {
  readonly #stream: Stream
  readonly #onFrame: () => Promise<void>
  readonly #trace: ChannelTrace | undefined
  /** What arrived and is not read yet. */
  readonly #pieces = new Pieces()
  #ended = false
  #failure: Error | undefined
  /** Goes on with the reader that waits for more, if one does. */
  #wake: () => void = () => {}
  /** Bytes that arrived. */
  received = 0

  /** `onFrame` is awaited before each frame is read: it holds back a peer that sends too many. */
  constructor(stream: Stream, onFrame: () => Promise<void> = async () => {}, trace?: ChannelTrace) {
    this.#stream = stream
    this.#onFrame = onFrame
    this.#trace = trace
    stream.addEventListener('message', (event) => this.#onData(event.data))
    stream.addEventListener('end', () => this.#onEnd())
    stream.addEventListener('close', (event) => this.#onClose(event.error))
  }

  #onData(data: Uint8Array | Iterable<Uint8Array>): void {
    for (const piece of data instanceof Uint8Array ? [data] : data) {
      this.#pieces.add(piece)
      this.received += piece.length
    }
    if (this.#pieces.length > READ_AHEAD_BYTES && this.#stream.readStatus === 'readable') this.#stream.pause()
    this.#wake()
  }

  #onEnd(): void {
    this.#ended = true
    this.#wake()
  }

  #onClose(error: Error | undefined): void {
    if (error !== undefined)
      this.#failure ??= new IngotError('link-lost', 'the stream was cut', { cause: error })
    this.#ended = true
    this.#wake()
  }

  /** Waits for more bytes, the end, or the deadline (`performance.now()`; Infinity for none). */
  async #more(deadline: number, signal: AbortSignal): Promise<void> {
    signal.throwIfAborted()
    const { promise, resolve, reject } = Promise.withResolvers<void>()
    this.#wake = resolve
    const onTimeout = () => reject(new IngotError('timeout', 'the peer sent nothing that was due in time'))
    const onAbort = () => reject(signal.reason as Error)
    const timer =
      deadline === Infinity ? undefined : setTimeout(onTimeout, Math.max(1, deadline - performance.now()))
    signal.addEventListener('abort', onAbort, { once: true })
    try {
      await promise
    } finally {
      clearTimeout(timer)
      signal.removeEventListener('abort', onAbort)
    }
  }

  /** Moves up to `target.length` buffered bytes into `target`; returns how many. */
  #take(target: Uint8Array): number {
    const done = this.#pieces.take(target)
    if (this.#pieces.length < READ_AHEAD_BYTES / 2 && this.#stream.readStatus === 'paused')
      this.#stream.resume()
    return done
  }

  /** True when a clean end came before the next byte. */
  #atEnd(): boolean {
    if (this.#pieces.length > 0 || !this.#ended) return false
    if (this.#failure !== undefined) throw this.#failure
    return true
  }

  /** Reads a payload: fills `target`, or throws: `link-lost` at an early end, `timeout` when the next 64 KiB (or the rest) do not come in time. */
  async readInto(target: Uint8Array, options: StepOptions): Promise<void> {
    await this.#fill(target, options)
    this.#trace?.({ direction: 'in', kind: 'payload', bytes: target })
  }

  async #fill(target: Uint8Array, { timeoutMs, signal }: StepOptions): Promise<void> {
    let done = 0
    let stepEnd = STEP_BYTES
    let deadline = performance.now() + timeoutMs
    for (;;) {
      done += this.#take(target.subarray(done))
      if (done === target.length) return
      if (this.#atEnd()) throw new IngotError('link-lost', 'the stream ended in the middle of a message')
      if (done >= stepEnd) {
        stepEnd = done + STEP_BYTES
        deadline = performance.now() + timeoutMs
      }
      // Taking may have resumed the stream, and that may have brought more at once.
      if (this.#pieces.length === 0) await this.#more(deadline, signal)
    }
  }

  /** The next frame of at most `maxBytes`; undefined when the other side ended the stream before it. */
  async readFrame(maxBytes: number, options: FrameOptions): Promise<Uint8Array | undefined> {
    const deadline = performance.now() + (options.idleMs ?? options.timeoutMs)
    while (this.#pieces.length === 0) {
      if (this.#atEnd()) return undefined
      await this.#more(deadline, options.signal)
    }
    await this.#onFrame()
    const byte = new Uint8Array(1)
    let length = 0
    for (let at = 0; ; at++) {
      await this.#fill(byte, options)
      const value = byte[0] as number
      length += (value & 0x7f) * 2 ** (7 * at)
      if (value < 0x80) break
      if (at + 1 === VARINT_BYTES) throw new IngotError('protocol', 'a frame whose length does not end')
    }
    if (length > maxBytes) {
      throw new IngotError('too-large', `a frame of ${length} bytes; at most ${maxBytes} are taken`)
    }
    const frame = new Uint8Array(length)
    await this.#fill(frame, options)
    this.#trace?.({ direction: 'in', kind: 'frame', bytes: frame })
    return frame
  }

  /** Like {@link readFrame}; an end before it is `link-lost`. */
  async requireFrame(maxBytes: number, options: FrameOptions): Promise<Uint8Array> {
    const frame = await this.readFrame(maxBytes, options)
    if (frame === undefined) throw new IngotError('link-lost', 'the peer ended the stream without an answer')
    return frame
  }

  /** Frames until the other side ends the stream. */
  async *frames(maxBytes: number, options: FrameOptions): AsyncGenerator<Uint8Array> {
    for (;;) {
      const frame = await this.readFrame(maxBytes, options)
      if (frame === undefined) return
      yield frame
    }
  }

  /** Sends a payload: bytes as they are; resolves when more may be sent. The buffer belongs to the channel from here on. */
  async write(bytes: Uint8Array, options: StepOptions): Promise<void> {
    this.#trace?.({ direction: 'out', kind: 'payload', bytes })
    await this.#write(bytes, options)
  }

  async #write(bytes: Uint8Array, options: StepOptions): Promise<void> {
    for (let at = 0; at < bytes.length; at += SEND_BYTES) {
      const part = bytes.subarray(at, at + SEND_BYTES)
      this.#send(part)
      await this.#drained({ ...options, timeoutMs: options.timeoutMs * Math.ceil(part.length / STEP_BYTES) })
    }
  }

  /** Sends one frame. */
  async writeFrame(frame: Uint8Array, options: StepOptions): Promise<void> {
    this.#trace?.({ direction: 'out', kind: 'frame', bytes: frame })
    const head: number[] = []
    let length = frame.length
    do {
      head.push((length % 128) | (length >= 128 ? 0x80 : 0))
      length = Math.floor(length / 128)
    } while (length > 0)
    await this.#write(Buffer.concat([Uint8Array.from(head), frame]), options)
  }

  #send(bytes: Uint8Array): void {
    if (this.#failure !== undefined) throw this.#failure
    try {
      this.#stream.send(bytes)
    } catch (cause) {
      throw new IngotError('link-lost', 'the stream is closed', { cause })
    }
  }

  /**
   * Waits until the stream takes more. Not with the stream's own onDrain(): its promise is made once for its whole life
   * (@libp2p/utils 7.4.1), so that it holds nobody any more after the first drain.
   */
  async #drained({ timeoutMs, signal }: StepOptions): Promise<void> {
    if (!this.#stream.writableNeedsDrain) return
    const { promise, resolve, reject } = Promise.withResolvers<void>()
    // The stream sends what it kept first, in a microtask that it queued before this one, and may be full again: a peer that
    // grants a few bytes at a time must not make us buffer 64 KiB for each.
    const onDrain = () =>
      queueMicrotask(() => {
        if (!this.#stream.writableNeedsDrain) resolve()
      })
    const onClose = () => reject(this.#failure ?? new IngotError('link-lost', 'the stream was cut'))
    const onAbort = () => reject(signal.reason as Error)
    const onTimeout = () => reject(new IngotError('timeout', `the peer took no data for ${timeoutMs} ms`))
    const timer = setTimeout(onTimeout, timeoutMs)
    if (signal.aborted) onAbort()
    if (this.#stream.status !== 'open') onClose()
    this.#stream.addEventListener('drain', onDrain)
    this.#stream.addEventListener('close', onClose)
    signal.addEventListener('abort', onAbort, { once: true })
    try {
      await promise
    } finally {
      clearTimeout(timer)
      this.#stream.removeEventListener('drain', onDrain)
      this.#stream.removeEventListener('close', onClose)
      signal.removeEventListener('abort', onAbort)
    }
  }

  /** Says that nothing more comes from this side; reading goes on. */
  async end(options: StepOptions): Promise<void> {
    try {
      await this.#stream.close({
        signal: AbortSignal.any([options.signal, AbortSignal.timeout(options.timeoutMs)]),
      })
    } catch (cause) {
      this.abort(new IngotError('link-lost', 'the stream did not close', { cause }))
    }
  }

  /** Cuts the stream on both sides, now. */
  abort(error: Error): void {
    this.#failure ??= error
    this.#stream.abort(error)
    this.#wake()
  }
}
