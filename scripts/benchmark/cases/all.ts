import type { Case } from '../bench.ts'
import { fanOut } from './fan-out.ts'
import { fullDisk, fullRandom } from './full.ts'
import { importCase } from './import.ts'
import { longLine } from './long-line.ts'
import { memory } from './memory.ts'
import { patch, patchUnrelated } from './patch.ts'
import { preseeded, sameContent } from './same.ts'

/** Every case, in the order in which they run. */
export const cases: readonly Case[] = [
  fullRandom,
  fullDisk,
  patch,
  patchUnrelated,
  sameContent,
  preseeded,
  importCase,
  longLine,
  fanOut,
  memory,
]
