import { onTestFinished } from 'vitest'
import { defaultLimits } from '../../src/core/limits.ts'
import { openState, type State } from '../../src/state/state.ts'
import { openManifest } from '../../src/wire/manifest.ts'

/** All repositories over a database in memory (or at `path`), closed when the running test has ended. */
export function testState(path = ':memory:'): State {
  const state = openState(path, (bytes, signature) => openManifest(bytes, signature, defaultLimits))
  onTestFinished(() => state.db.close())
  return state
}
