import { readFile } from 'node:fs/promises'
import { expect, test } from 'vitest'
import { IngotError, describeError, fileError, isIngotError } from '../../../src/core/errors.ts'

test('an error is told by its code', () => {
  const error: unknown = new IngotError('busy', 'later')
  expect(isIngotError(error)).toBe(true)
  expect(isIngotError(error, 'timeout', 'busy')).toBe(true)
  expect(isIngotError(error, 'timeout')).toBe(false)
  expect(isIngotError(new Error('busy'))).toBe(false)
})

test('a description is the message and its cause, never a stack', () => {
  const cause = new Error('connection refused')
  expect(describeError(new IngotError('failed', 'no link', { cause }))).toBe('no link: connection refused')
  expect(describeError(new IngotError('failed', 'no link: connection refused', { cause }))).toBe(
    'no link: connection refused',
  )
  expect(describeError(new TypeError(''))).toBe('TypeError')
  expect(describeError('text')).toBe('text')
})

test.each([
  ['ENOENT', 'not-found'],
  ['EACCES', 'failed'],
  ['ENOSPC', 'no-space'],
  ['EDQUOT', 'no-space'],
  ['EIO', 'failed'],
])('%s of the file system becomes %s', (system, code) => {
  const cause = Object.assign(new Error(system), { code: system })
  expect(fileError(cause, 'cannot read /x')).toMatchObject({ code, cause })
})

test('an error of ours stays what it is', () => {
  const error = new IngotError('changed-on-disk', 'x')
  expect(fileError(error, 'cannot read')).toBe(error)
})

test('a real error of the file system is translated', async () => {
  const error: unknown = await readFile('/nonexistent').catch((cause: unknown) => cause)
  expect(fileError(error, 'cannot read /nonexistent').message).toBe(
    'cannot read /nonexistent: it does not exist',
  )
})
