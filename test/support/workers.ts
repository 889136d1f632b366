import { fork } from 'node:child_process'
import { once } from 'node:events'

/** Runs `count` things in so many shares, as even as they can be; a share that would be empty is left out. */
export function shares(count: number, workers: number): { first: number; count: number }[] {
  const list: { first: number; count: number }[] = []
  for (let index = 0, first = 0; index < workers && first < count; index++) {
    const share = Math.floor(count / workers) + (index < count % workers ? 1 : 0)
    list.push({ first, count: share })
    first += share
  }
  return list
}

/** Runs this program once for each list of arguments, in processes of their own at the same time; true when all ended with 0. */
export async function inWorkers(each: readonly (readonly string[])[]): Promise<boolean> {
  const codes = await Promise.all(
    each.map(async (args) => {
      const child = fork(process.argv[1] as string, args)
      const [code] = (await once(child, 'exit')) as [number | null]
      return code
    }),
  )
  return codes.every((code) => code === 0)
}

/** Runs `work` and resolves to whether it said true; as a worker it does not outlive who started it, and does not keep it waiting. */
export async function asWorker(work: () => Promise<boolean>): Promise<boolean> {
  const onDisconnect = () => process.exit(1)
  process.once('disconnect', onDisconnect)
  try {
    return await work()
  } finally {
    process.off('disconnect', onDisconnect)
    if (process.connected) process.disconnect?.()
  }
}
