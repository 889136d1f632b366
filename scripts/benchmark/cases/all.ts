import type { Case } from '../bench.ts'
import { fullDisk, fullRandom } from './full.ts'
import { importCase } from './import.ts'

/** Every case, in the order in which they run. */
export const cases: readonly Case[] = [fullRandom, fullDisk, importCase]
