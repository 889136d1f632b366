import { beforeAll, describe, expect, test } from 'vitest'
import { isIngotError } from '../../../src/core/errors.ts'
import { defaultLimits as limits } from '../../../src/core/limits.ts'
import { checkServerData, type ServerData } from '../../../src/image/server-data.ts'
import { readServerData, writeServerData } from '../../../src/wire/server-data.ts'
import { testKey, type TestKey } from '../../support/keys.ts'

let key: TestKey
let data: ServerData
let file: string
beforeAll(async () => {
  key = await testKey('munich')
  data = {
    name: 'munich',
    peerId: key.peerId,
    addresses: ['/ip4/192.0.2.7/tcp/9460', '/dns/munich.example/tcp/9460'],
    createdAt: 1_760_000_000_000,
  }
  file = writeServerData(data, key.sign)
})

const invalid = expect.objectContaining({ name: 'IngotError', code: 'invalid' }) as Error

test('a server-data file says what was written', () => {
  expect(readServerData(file, limits)).toEqual(data)
})

test('a server-data file is text in short lines between its marks', () => {
  const lines = file.trimEnd().split('\n')
  expect(lines[0]).toBe('-----BEGIN INGOT SERVER DATA-----')
  expect(lines.at(-1)).toBe('-----END INGOT SERVER DATA-----')
  expect(Math.max(...lines.slice(1, -1).map((line) => line.length))).toBe(64)
})

test('line ends and space of mail programs do no harm', () => {
  expect(readServerData(file.replaceAll('\n', '\r\n'), limits)).toEqual(data)
  expect(readServerData(`\n  ${file.replaceAll('\n', '  \n')}\n`, limits)).toEqual(data)
})

test('an altered character anywhere is refused, or changes nothing', () => {
  const unchanged: number[] = []
  for (let at = 0; at < file.trimEnd().length; at++) {
    if (file[at] === '\n') continue
    const altered = file.slice(0, at) + (file[at] === 'A' ? 'B' : 'A') + file.slice(at + 1)
    try {
      expect(readServerData(altered, limits)).toEqual(data)
      unchanged.push(at)
    } catch (error) {
      expect(isIngotError(error, 'invalid')).toBe(true)
    }
  }
  expect(unchanged.length).toBeLessThanOrEqual(1) // bits of the last base64 digit that stand for nothing
})

describe('a file is refused', () => {
  test.each<[string, (file: string) => string]>([
    ['that is empty', () => ''],
    ['that is something else', () => 'hello\n'],
    ['without its first line', (file) => file.split('\n').slice(1).join('\n')],
    ['without its last line', (file) => file.trimEnd().split('\n').slice(0, -1).join('\n')],
    ['without content', (file) => [file.split('\n')[0], file.trimEnd().split('\n').at(-1)].join('\n')],
    ['with a line less', (file) => file.split('\n').toSpliced(2, 1).join('\n')],
    [
      'with a line twice',
      (file) =>
        file
          .split('\n')
          .toSpliced(2, 0, file.split('\n')[2] as string)
          .join('\n'),
    ],
    ['with something after its end', (file) => `${file}x\n`],
    ['with something before its begin', (file) => `x\n${file}`],
    ['with other characters', (file) => file.replace(/\n./, '\n%')],
    ['that is two files', (file) => file + file],
  ])('%s', (_, change) => {
    expect(() => readServerData(change(file), limits)).toThrow(invalid)
  })

  test('that is too large, before it is read', () => {
    expect(() => readServerData('x'.repeat(limits.serverDataBytes + 1), limits)).toThrow(
      expect.objectContaining({ code: 'too-large' }),
    )
  })

  test('that another key signed', async () => {
    const other = await testKey('other')
    expect(() => readServerData(writeServerData(data, other.sign), limits)).toThrow(invalid)
  })

  test.each<[string, Partial<ServerData>]>([
    ['whose name is no name', { name: '../munich' }],
    ['whose peer id is none', { peerId: 'munich' }],
    ['with too many addresses', { addresses: Array.from({ length: 17 }, () => '/ip4/192.0.2.7/tcp/1') }],
  ])('%s', (_, changes) => {
    expect(() => readServerData(writeServerData({ ...data, ...changes }, key.sign), limits)).toThrow(invalid)
  })
})

test('server data is checked against the bytes that were signed', () => {
  const bytes = Buffer.from('these bytes')
  const signature = key.sign('ingot/server-data-signature/1', bytes)
  expect(checkServerData({ data, bytes, signature })).toEqual(data)
  expect(() => checkServerData({ data, bytes: Buffer.from('other bytes'), signature })).toThrow(invalid)
  const wrongDomain = key.sign('ingot/manifest-signature/1', bytes)
  expect(() => checkServerData({ data, bytes, signature: wrongDomain })).toThrow(invalid)
})
