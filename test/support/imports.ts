import { posix } from 'node:path'

/** The folders of src/ and their ranks, as in the architecture: a file imports from lower ranks and its own folder only. */
export const ranks: Readonly<Record<string, number>> = {
  core: 0,
  image: 1,
  filter: 2,
  wire: 2,
  store: 2,
  state: 2,
  net: 3,
  publish: 4,
  replicate: 4,
  provide: 4,
  control: 5,
  daemon: 6,
  cli: 7,
}

/** Modules that only one folder imports. */
const owners: readonly { modules: RegExp; folder: string }[] = [
  { modules: /^protobufjs(\/|$)/, folder: 'wire' },
  { modules: /^(libp2p|@libp2p\/tcp|@chainsafe\/libp2p-(noise|yamux))$/, folder: 'net' },
  { modules: /^node:sqlite$/, folder: 'state' },
]

/** Sources by their path under src/. */
export type Sources = ReadonlyMap<string, string>

/** What a source imports, types too. */
export function importsOf(source: string): string[] {
  const found = source.matchAll(/\bfrom\s*['"]([^'"]+)['"]|\bimport\s*\(?\s*['"]([^'"]+)['"]/g)
  return [...found].map((match) => (match[1] ?? match[2]) as string)
}

/** The file that a relative import names, as a path under src/. */
function target(file: string, specifier: string): string {
  return posix.normalize(posix.join(posix.dirname(file), specifier))
}

function importFault(sources: Sources, file: string, specifier: string): string | undefined {
  const folder = file.split('/')[0] as string
  if (!specifier.startsWith('.')) {
    const owner = owners.find(({ modules }) => modules.test(specifier))
    return owner === undefined || owner.folder === folder ? undefined : `only src/${owner.folder} may`
  }
  const to = target(file, specifier)
  const toFolder = to.split('/')[0] as string
  if (to.startsWith('wire/generated/')) return folder === 'wire' ? undefined : 'only src/wire may'
  if (!sources.has(to)) return 'there is no such file in src'
  if (toFolder === folder) return undefined
  return (ranks[toFolder] ?? Infinity) < (ranks[folder] ?? -1)
    ? undefined
    : `src/${toFolder} has no lower rank`
}

/** Every import that the architecture does not allow, and every file outside of its folders, one line each. */
export function rankFaults(sources: Sources): string[] {
  const faults: string[] = []
  for (const [file, source] of sources) {
    const [folder = '', inside] = file.split('/')
    if (inside === undefined || ranks[folder] === undefined) {
      faults.push(`${file}: lies in no folder that has a rank`)
    }
    for (const specifier of importsOf(source)) {
      const fault = importFault(sources, file, specifier)
      if (fault !== undefined) faults.push(`${file} imports ${specifier}: ${fault}`)
    }
  }
  return faults
}

/** The first ring of files that import each other, from file to file; empty when there is none. */
export function importRing(sources: Sources): string[] {
  const done = new Set<string>()
  const path: string[] = []
  const visit = (file: string): string[] => {
    if (path.includes(file)) return [...path.slice(path.indexOf(file)), file]
    if (done.has(file)) return []
    path.push(file)
    for (const specifier of importsOf(sources.get(file) ?? '')) {
      const ring = specifier.startsWith('.') ? visit(target(file, specifier)) : []
      if (ring.length > 0) return ring
    }
    path.pop()
    done.add(file)
    return []
  }
  for (const file of sources.keys()) {
    const ring = visit(file)
    if (ring.length > 0) return ring
  }
  return []
}
