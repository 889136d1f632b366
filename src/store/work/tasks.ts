import { checkLeaves } from '../check-leaves.ts'
import { placeLeaves } from '../place-leaves.ts'
import { hashSegment } from '../hash-segment.ts'
import { flatDigestOf } from '../flat-digest.ts'
import { followFlat } from '../follow-flat.ts'
import { pack } from '../pack.ts'
import { makeGroup, placeGroup } from '../patch-place.ts'
import { readBlockKeys, readBlocks } from '../block-read.ts'
import { takeEqualLeaves } from '../equal-leaves.ts'
import { findBlocks, takeBlocks } from '../seed-blocks.ts'
import { buildSeedIndex, takeLeaves } from '../seed-index.ts'

/** What threads can be asked to do. Each runs from beginning to end on its thread; arguments and results are copied or shared. */
export const tasks = {
  checkLeaves,
  placeLeaves,
  hashSegment,
  flatDigestOf,
  followFlat,
  pack,
  makeGroup,
  placeGroup,
  readBlockKeys,
  readBlocks,
  buildSeedIndex,
  takeLeaves,
  findBlocks,
  takeBlocks,
  takeEqualLeaves,
}

export type Tasks = typeof tasks
export type TaskName = keyof Tasks
export type TaskArguments<K extends TaskName> = Parameters<Tasks[K]>[0]
export type TaskResult<K extends TaskName> = ReturnType<Tasks[K]>
