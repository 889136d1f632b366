import type { FastifyReply } from 'fastify'
import { callerSignal } from './caller.ts'
import type { ImageDocument, ProgressLine } from './documents.ts'
import { errorDocument, type RouteContext } from './context.ts'

/** Milliseconds between two lines of progress. */
const PROGRESS_MS = 100

/** What a long operation is given. */
export interface LongOperation {
  /** Aborted when the caller goes or the server stops. */
  signal: AbortSignal
  onProgress: (done: number, total: number) => void
}

/** Answers a long operation with JSON lines: progress in bytes, then the image or the error. */
export async function answerWithProgress(
  { stopping }: RouteContext,
  reply: FastifyReply,
  work: (operation: LongOperation) => Promise<ImageDocument>,
): Promise<void> {
  const signal = callerSignal(reply, stopping)
  const stream = reply.hijack().raw
  stream.writeHead(200, { 'content-type': 'application/x-ndjson' })
  const send = (line: ProgressLine) => stream.write(`${JSON.stringify(line)}\n`)
  let last = 0
  try {
    const image = await work({
      signal,
      onProgress: (done, total) => {
        if (performance.now() - last < PROGRESS_MS || stream.writableNeedDrain) return
        last = performance.now()
        send({ type: 'progress', done, total })
      },
    })
    send({ type: 'done', image })
  } catch (error) {
    send({ type: 'error', ...errorDocument(error) })
  } finally {
    stream.end()
  }
}
