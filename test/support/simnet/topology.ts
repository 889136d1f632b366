import { below } from './plan.ts'

export const topologies = ['chain', 'star', 'ring', 'full', 'random'] as const
export type Topology = (typeof topologies)[number]

/** Which servers are peers of each other, by their numbers: all are connected, in one way or another. */
export function edgesOf(topology: Topology, servers: number, random: () => number): [number, number][] {
  const rest = Array.from({ length: servers - 1 }, (_, index) => index + 1)
  switch (topology) {
    case 'chain':
      return rest.map((index) => [index - 1, index])
    case 'star':
      return rest.map((index) => [0, index])
    case 'ring':
      return [
        ...edgesOf('chain', servers, random),
        ...(servers > 2 ? [[servers - 1, 0] as [number, number]] : []),
      ]
    case 'full':
      return rest.flatMap((index) =>
        Array.from({ length: index }, (_, other): [number, number] => [other, index]),
      )
    case 'random':
      return randomEdges(servers, random)
  }
}

/** A random tree, and half as many lines again. */
function randomEdges(servers: number, random: () => number): [number, number][] {
  const edges = new Map<string, [number, number]>()
  const add = (one: number, other: number) => {
    if (one !== other) edges.set(`${Math.min(one, other)} ${Math.max(one, other)}`, [one, other])
  }
  for (let index = 1; index < servers; index++) add(below(random, index), index)
  for (let extra = 0; extra < servers / 2; extra++) add(below(random, servers), below(random, servers))
  return [...edges.values()]
}
