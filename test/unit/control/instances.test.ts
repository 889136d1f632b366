import { expect, test } from 'vitest'
import { Instances } from '../../../src/control/instances.ts'

test('a server that is restarted, however often, does not run twice', () => {
  const instances = new Instances()
  for (let at = 0; at < 20; at++) expect(instances.note('P', `i${at}`, at)).toBe(false)
  expect(instances.note('P', 'i19', 20)).toBe(false) // only the link was lost
  expect(instances.runsTwice('P', 20)).toBe(false)
})

test('two processes that take turns are told once, and as long as they do', () => {
  const instances = new Instances()
  const minute = 60_000
  expect(['x', 'y', 'x', 'y', 'x'].map((each, at) => instances.note('P', each, at * minute))).toEqual([
    false,
    false,
    true,
    false,
    false,
  ])
  expect(instances.runsTwice('P', 5 * minute)).toBe(true)
  expect(instances.runsTwice('Q', 5 * minute)).toBe(false)
  expect(instances.runsTwice('P', 15 * minute)).toBe(false) // one of them was stopped
  instances.note('P', 'y', 16 * minute)
  expect(instances.runsTwice('P', 16 * minute)).toBe(true)
  instances.forget('P')
  expect(instances.runsTwice('P', 16 * minute)).toBe(false)
})
