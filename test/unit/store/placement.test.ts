import { lstat, mkdir, readFile, readdir, readlink, rm, stat, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { linkImage, placeContent } from '../../../src/store/placement.ts'
import { emptyLayout, stageBytes } from '../../support/contents.ts'
import { randomBytes } from '../../support/files.ts'
import { tempDir } from '../../support/temp-dir.ts'

const bytes = randomBytes(100_000, 'placement')

describe('a content', () => {
  test('lies as a plain, read-only file at its place', async () => {
    const layout = await emptyLayout()
    const { staging, digest } = await stageBytes(layout, 'a', bytes)
    await placeContent(layout, staging, digest)
    expect((await readFile(layout.file(digest))).equals(bytes)).toBe(true)
    expect((await stat(layout.file(digest))).mode & 0o777).toBe(0o444)
    expect((await stat(layout.index(digest))).mode & 0o777).toBe(0o444)
    expect((await stat(layout.content(digest))).mode & 0o777).toBe(0o755)
    expect(await readdir(layout.stagings)).toEqual([])
  })

  test('that is there already is replaced by the one that was just verified', async () => {
    const layout = await emptyLayout()
    const first = await stageBytes(layout, 'a', bytes)
    const second = await stageBytes(layout, 'b', bytes)
    await placeContent(layout, first.staging, first.digest)
    const { ino } = await stat(join(second.staging, 'image'))
    await placeContent(layout, second.staging, second.digest)
    expect((await stat(layout.file(first.digest))).ino).toBe(ino)
    expect(await readdir(layout.stagings)).toEqual([])
  })

  test('that was registered in place has an index only, and gets the file later', async () => {
    const layout = await emptyLayout()
    const first = await stageBytes(layout, 'a', bytes)
    await rm(join(first.staging, 'image'))
    await placeContent(layout, first.staging, first.digest)
    expect(await readdir(layout.content(first.digest))).toEqual(['index'])

    const second = await stageBytes(layout, 'b', bytes)
    await placeContent(layout, second.staging, second.digest)
    expect((await readFile(layout.file(second.digest))).equals(bytes)).toBe(true)
    expect((await stat(layout.file(second.digest))).mode & 0o777).toBe(0o444)
    expect(await readdir(layout.stagings)).toEqual([])
  })

  test('that is registered in place when the file is there changes nothing', async () => {
    const layout = await emptyLayout()
    const first = await stageBytes(layout, 'a', bytes)
    await placeContent(layout, first.staging, first.digest)
    const second = await stageBytes(layout, 'b', bytes)
    await rm(join(second.staging, 'image'))
    await placeContent(layout, second.staging, second.digest)
    expect((await readFile(layout.file(first.digest))).equals(bytes)).toBe(true)
  })
})

describe('the link of an image', () => {
  test('points to the file inside the store by a path that moves with the store', async () => {
    const layout = await emptyLayout()
    const { staging, digest } = await stageBytes(layout, 'a', bytes)
    await placeContent(layout, staging, digest)
    const link = layout.link('munich', 'debian-13')
    await linkImage(link, layout.file(digest))
    expect((await readFile(link)).equals(bytes)).toBe(true)
    expect(await readlink(link)).toMatch(/^\.\.\/content\//)
  })

  test('is swapped, and nothing else is left', async () => {
    const directory = await tempDir()
    const link = join(directory, 'own', 'image')
    await linkImage(link, '/first')
    await linkImage(link, '/second')
    expect(await readlink(link)).toBe('/second')
    expect(await readdir(dirname(link))).toEqual(['image'])
  })

  test('is there at every moment of a swap', async () => {
    const directory = await tempDir()
    const link = join(directory, 'own', 'image')
    await linkImage(link, '/0')
    const swaps = { done: false }
    const swapping = (async () => {
      for (let i = 1; i <= 50; i++) await linkImage(link, `/${i}`)
      swaps.done = true
    })()
    while (!swaps.done) expect((await lstat(link)).isSymbolicLink()).toBe(true)
    await swapping
    expect(await readlink(link)).toBe('/50')
  })

  test('takes the place of no directory, and leaves nothing behind', async () => {
    const directory = await tempDir()
    const link = join(directory, 'own', 'image')
    await mkdir(link, { recursive: true })
    await writeFile(join(link, 'precious'), 'x')
    await expect(linkImage(link, '/x')).rejects.toThrow()
    expect(await readdir(dirname(link))).toEqual(['image'])
    expect(await readdir(link)).toEqual(['precious'])
  })

  test('to a file outside of the store is absolute', async () => {
    const directory = await tempDir()
    const outside = join(await tempDir(), 'disk.raw')
    await writeFile(outside, bytes)
    const link = join(directory, 'own', 'image')
    await linkImage(link, outside)
    expect(await readlink(link)).toBe(outside)
  })
})
