import { expect, test } from 'vitest'
import { silentLogger } from '../../../src/core/logger.ts'
import { Tasks } from '../../../src/core/tasks.ts'

test('settled waits for what runs, and for what that starts', async () => {
  const tasks = new Tasks(silentLogger)
  const ended: string[] = []
  const gate = Promise.withResolvers<void>()
  tasks.run('outer', async () => {
    await gate.promise
    tasks.run('inner', async () => {
      await new Promise((resolve) => setImmediate(resolve))
      ended.push('inner')
    })
    ended.push('outer')
  })
  gate.resolve()
  await tasks.settled()
  expect(ended).toEqual(['outer', 'inner'])
})

test('what fails is logged once under its name, and does not stop the rest', async () => {
  const errors: object[] = []
  const tasks = new Tasks({ ...silentLogger, error: (fields) => errors.push(fields) })
  let other = false
  tasks.run('probe', async () => {
    throw new Error('no answer')
  })
  tasks.run('other', async () => {
    other = true
  })
  await tasks.settled()
  expect(errors).toEqual([{ task: 'probe', error: 'no answer' }])
  expect(other).toBe(true)
})

test('settled is at once when nothing runs', async () => {
  await new Tasks(silentLogger).settled()
})
