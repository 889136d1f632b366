import type { LongCall } from '../control/client.ts'
import type { ImageDocument } from '../control/documents.ts'
import type { Invocation } from './grammar.ts'
import { Progress } from './progress.ts'

/** Runs a call that reads a whole image, with a progress bar named `label`, until it is done or Ctrl-C ends it. */
export async function withProgress(
  invocation: Invocation,
  label: string,
  call: (options: LongCall) => Promise<ImageDocument>,
): Promise<ImageDocument> {
  const signal = invocation.interruptible()
  const progress = await Progress.open(invocation.output, label)
  try {
    return await call({ signal, onProgress: (done, total) => progress.update(done, total) })
  } finally {
    progress.stop()
  }
}
