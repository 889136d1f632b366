import type { ContentAnswerBytes, ContentStream } from '../net/content.ts'
import type { Needs } from '../store/space.ts'
import type { ContentRequest } from '../wire/content.ts'
import type { LeafRun } from './runs.ts'

/** Opens a stream to the origin for `work` and ends it. */
export type WithStream = <T>(work: (stream: ContentStream) => Promise<T>) => Promise<T>

/** What finding what is missing comes to. */
export interface Findings<R extends LeafRun> {
  /** These are to be fetched; waits while enough are. */
  put(run: R): Promise<void>
  /** This is to be fetched in place of a part of a run whose answer came. */
  again(run: R): void
  /** So many bytes are here, or need not travel. */
  found(bytes: number): void
  /** It is only counted what is missing: nothing is copied. */
  counts: boolean
}

/** A content on its way here: what of it is missing, and where its bytes go. There is one for files and one for trees. */
export interface Target<R extends LeafRun> {
  /** Brings what is needed of the index here, verified, and makes nothing else; resolves to the space that the rest needs, at most. */
  prepare(withStream: WithStream): Promise<Needs>
  /** Asks for something small, of which only the time counts that it takes. */
  probe(withStream: WithStream): Promise<void>
  /** Finds what is missing, in order. The space for it is reserved. */
  plan(findings: Findings<R>, withStream: WithStream): Promise<void>
  /** A run as its first leaves, of at most `bytes` and at least one, and the rest; undefined when it is no larger. */
  split(run: R, bytes: number): [R, R] | undefined
  /** What brings a run here, and the most bytes of the answer. */
  request(run: R): { request: ContentRequest; most: number }
  /**
   * Checks an answer leaf by leaf, and writes it when all verify; resolves to the number of leaves that do not. Nothing of such a
   * run is kept: it is asked for again, in a way that {@link request} then says.
   */
  take(run: R, answer: ContentAnswerBytes): Promise<number>
  /** The origin does not have what a run asks for: true when {@link Findings.again} got runs in its place. */
  withdraw(run: R): Promise<boolean>
  /** Makes durable what was accepted, then the record that claims it. */
  checkpoint(): Promise<void>
}
