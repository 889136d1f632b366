/**
 * A seed for this run: $INGOT_TEST_SEED to repeat one, else `usual`, else another one each time. Printed, so that it can be repeated.
 * What is searched by a script of its own has a usual one in the tests: they say whether something broke, the script finds what is new.
 */
export function printedSeed(what: string, usual = Math.floor(Math.random() * 2 ** 31)): number {
  const told = process.env['INGOT_TEST_SEED']
  const seed = told === undefined ? usual : Number(told)
  console.info(`${what}: INGOT_TEST_SEED=${seed}`)
  return seed
}

/** Uniform in [0, 1), the same sequence for the same seed (mulberry32). */
export function seededRandom(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}

/** One of a list, by a number that may be beyond its end; undefined when it is empty. */
export function pick<T>(list: readonly T[], number: number): T | undefined {
  return list.length === 0 ? undefined : list[number % list.length]
}
