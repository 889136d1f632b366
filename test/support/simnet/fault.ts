import { pick } from '../random.ts'
import type { Numbers } from './choices.ts'
import type { SimNetwork } from './sim-network.ts'
import type { SimServer } from './sim-server.ts'

/** Something that goes wrong for a while. */
export interface Fault {
  what: string
  begin: () => Promise<void> | void
  /** All is well again, as far as an operator makes it so. */
  end: () => Promise<void> | void
}

/** Makes a fault of its kind; undefined when there is nothing now that it could befall. */
export type FaultMaker = (network: SimNetwork, numbers: Numbers) => Fault | undefined

/** A server that runs and of which no other fault has hold; from now on this one has. */
export function take(network: SimNetwork, number: number): SimServer | undefined {
  const server = pick(
    network.running().filter(({ isTaken }) => !isTaken),
    number,
  )
  if (server !== undefined) server.isTaken = true
  return server
}

/** Lets so many rounds of the event loop pass: a moment within what is under way, and not by the clock. */
export async function rounds(count: number): Promise<void> {
  for (let round = 0; round < count; round++) await new Promise((resolve) => setImmediate(resolve))
}
