import { mkdir, mkdtemp, rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { Bench, Case } from './bench.ts'
import { cases } from './cases/all.ts'
import { Data } from './data.ts'
import { readOptions, type Options } from './options.ts'
import { Processes } from './processes.ts'
import { document, table, type Reported } from './report.ts'
import { Ssh } from './ssh.ts'
import { packages, pathOf, type Tool } from './tools.ts'

/** `scripts/bench`: see there, and docs/performance.md. Ends with 1 when a case could not be run, 2 when it is called wrongly. */

const say = (text: string) => process.stderr.write(`${text}\n`)

/** What all cases of one call share: the data, the sshd, and what is noted about the machine. */
class Session {
  readonly #options: Options
  readonly #signal: AbortSignal
  readonly #work: string
  readonly #processes: Processes
  readonly #data: Data
  readonly notes = new Set<string>()
  #ssh: Promise<Ssh | undefined> | undefined

  constructor(options: Options, work: string, signal: AbortSignal) {
    this.#options = options
    this.#signal = signal
    this.#work = work
    this.#processes = new Processes(signal)
    this.#data = new Data(join(work, 'data'), this.#processes, {
      given: options.data,
      quick: options.quick,
      say: (text) => say(`  ${text}`),
    })
  }

  /** Runs one case in a directory of its own. What goes wrong is in the report; only an abort rejects. */
  async run(each: Case): Promise<Reported> {
    const { name, about } = each
    say(`${name}: ${about}`)
    const notes: string[] = []
    const work = join(this.#work, name)
    await mkdir(work)
    const { runs, quick, full } = this.#options
    const bench: Bench = {
      work,
      data: this.#data,
      runs,
      quick,
      full,
      processes: this.#processes,
      signal: this.#signal,
      say: (text) => say(`  ${text}`),
      has: (tool) => this.#has(tool),
      note: (text) => notes.push(text),
      ssh: async () => await (this.#ssh ??= this.#startSsh()),
    }
    try {
      return { name, about, notes, error: null, ...(await each.run(bench)) }
    } catch (error) {
      this.#signal.throwIfAborted()
      const text = error instanceof Error ? error.message : String(error)
      say(`  failed: ${text}`)
      return { name, about, notes, error: text, rows: [], figures: [] }
    } finally {
      await this.#stopAll()
      await remove(work)
    }
  }

  /** The services of a case do not outlive it; the sshd is started again for the next. */
  async #stopAll(): Promise<void> {
    await this.#processes.end()
    const ssh = await this.#ssh?.catch(() => undefined) // told when it was asked for
    this.#ssh = undefined
    await ssh?.stop()
  }

  #has(tool: Tool): boolean {
    if (pathOf(tool) !== undefined) return true
    this.notes.add(`${tool} is not here and was left out: install the Debian package ${packages[tool]}`)
    return false
  }

  async #startSsh(): Promise<Ssh | undefined> {
    if (!this.#has('sshd')) return undefined
    try {
      return await Ssh.start(await mkdtemp(join(this.#work, 'ssh-')), this.#processes, this.#signal)
    } catch (error) {
      this.#signal.throwIfAborted()
      this.notes.add(`scp and rsync were left out: ${error instanceof Error ? error.message : String(error)}`)
      return undefined
    }
  }
}

async function main(options: Options): Promise<number> {
  if (options.list) {
    const list = cases.map(({ name, about }) => ({ name, about }))
    if (options.json) console.log(JSON.stringify({ cases: list }))
    else for (const { name, about } of list) console.log(`${name.padEnd(16)} ${about}`)
    return 0
  }
  const interruption = new AbortController()
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.on(signal, () => interruption.abort(new Error(`ended by ${signal}`)))
  }
  const work = await mkdtemp(join(options.directory, 'ingot-bench-'))
  try {
    const session = new Session(options, work, interruption.signal)
    const reported: Reported[] = []
    for (const each of options.cases) reported.push(await session.run(each))
    const notes = [...session.notes]
    if (options.json) console.log(JSON.stringify(document(reported, notes), undefined, 2))
    else process.stdout.write(`\n${table(reported, notes)}`)
    return reported.some(({ error }) => error !== null) ? 1 : 0
  } catch (error) {
    if (!interruption.signal.aborted) throw error
    return 130
  } finally {
    await remove(work)
  }
}

/** Removes a directory, also while a session of an sshd that has ended still writes its last there. */
async function remove(directory: string): Promise<void> {
  await rm(directory, { recursive: true, force: true, maxRetries: 10, retryDelay: 200 })
}

let options: Options
try {
  options = readOptions(process.argv.slice(2))
} catch (error) {
  console.error(`bench: ${error instanceof Error ? error.message : String(error)}`)
  process.exit(2)
}
process.exitCode = await main(options)
