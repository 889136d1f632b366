import { describe, expect, test } from 'vitest'
import { domainPrefix, fromDigest, hash, isDigest, toDigest } from '../../../src/image/digest.ts'

const bytes = Buffer.alloc(32, 7)

test('a digest is text and bytes, there and back', () => {
  expect(toDigest(bytes)).toBe(`sha256:${'07'.repeat(32)}`)
  expect(fromDigest(toDigest(bytes))).toEqual(bytes)
})

test('a digest is read from the part of a buffer that it is', () => {
  const page = new Uint8Array(96).fill(1)
  page.fill(7, 32, 64)
  expect(toDigest(page.subarray(32, 64))).toBe(toDigest(bytes))
})

describe('no digest is', () => {
  test.each([
    '',
    'sha256:',
    '07'.repeat(32),
    `sha256:${'07'.repeat(31)}`,
    `sha256:${'07'.repeat(33)}`,
    `sha256:${'0G'.repeat(32)}`,
    `sha256:${'AB'.repeat(32)}`,
    `sha256:${'07'.repeat(32)}\n`,
    `sha512:${'07'.repeat(32)}`,
  ])('%j', (text) => {
    expect(isDigest(text)).toBe(false)
    expect(() => fromDigest(text)).toThrow(RangeError)
  })

  test('another number of bytes', () => {
    expect(() => toDigest(bytes.subarray(1))).toThrow(RangeError)
  })
})

test('the same bytes under another domain have another digest', () => {
  expect(hash('ingot/leaf/1', bytes)).not.toEqual(hash('ingot/journal-body/1', bytes))
})

test('a hash is of all parts, one after the other', () => {
  expect(hash('ingot/leaf/1', bytes, bytes)).toEqual(hash('ingot/leaf/1', Buffer.concat([bytes, bytes])))
})

test('a domain fills one block', () => {
  expect(domainPrefix('ingot/leaf/1')).toEqual(Buffer.concat([Buffer.from('ingot/leaf/1')], 64))
})
