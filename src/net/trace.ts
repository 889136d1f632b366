/** What crossed a stream: a frame without its length, or a payload that is in no frame. */
export interface Traced {
  /** The peer at the other end, authenticated. */
  peerId: string
  protocol: string
  /** `out`: about to be sent from here. `in`: arrived here, whole, and not read yet. */
  direction: 'in' | 'out'
  kind: 'frame' | 'payload'
  /** Of the stream: equal for what crossed the same one, unique in this process. */
  stream: number
  /** Valid during the call only. */
  bytes: Uint8Array
}

/** Sees everything that crosses the streams of a host, in the order of each stream. For tests and diagnosis; must not throw. */
export type Trace = (traced: Traced) => void
