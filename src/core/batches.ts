/** What has come since the last batch, at least one item and at most `most`. */
export async function* batches<T>(source: AsyncIterable<T>, most: number): AsyncGenerator<T[]> {
  const iterator = source[Symbol.asyncIterator]()
  let next = iterator.next()
  for (;;) {
    const first = await next
    if (first.done === true) return
    const batch = [first.value]
    next = iterator.next()
    next.catch(() => {}) // awaited by the next round
    while (batch.length < most) {
      // What is there already settles before a macrotask does.
      const more = await Promise.race([
        next,
        new Promise<undefined>((resolve) => setImmediate(resolve, undefined)),
      ])
      if (more === undefined || more.done === true) break
      batch.push(more.value)
      next = iterator.next()
      next.catch(() => {})
    }
    yield batch
  }
}
