import { mkdirSync, readFileSync, renameSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { defaultLimits } from '../../../src/core/limits.ts'
import type { StoredContent } from '../../../src/image/content.ts'
import { DamageList } from '../../../src/image/damage.ts'
import { LEAF_BYTES } from '../../../src/image/leaves.ts'
import { checkLeavesHere } from '../../../src/store/check-leaves.ts'
import { realRoot } from '../../../src/store/inside.ts'
import { mendLeaves } from '../../../src/store/mend-leaves.ts'
import { openNumbered } from '../../../src/store/numbered-content.ts'
import { TreeReader } from '../../../src/store/tree-reader.ts'
import { joinBytes } from '../../../src/store/tree-path.ts'
import { randomBytes } from '../../support/files.ts'
import { flipByte } from '../../support/rot.ts'
import { tempDir } from '../../support/temp-dir.ts'
import { storedTree, treeCodec } from '../../support/tree-contents.ts'

// Who may write to a directory of a tree (one that is open to all, say) puts a link in the place of one in it.

describe('a directory of a tree that became a link', () => {
  /** A stored tree with `open/sub/small` (leaf 0) and `open/sub/two` (leaves 1 and 2), and files of those names elsewhere. */
  async function swapped(): Promise<{
    content: StoredContent
    elsewhere: string
    open: Opened
    swap: () => void
  }> {
    const source = join(await tempDir(), 'source')
    mkdirSync(join(source, 'open/sub'), { recursive: true })
    writeFileSync(join(source, 'open/sub/small'), 'of the tree')
    writeFileSync(join(source, 'open/sub/two'), randomBytes(LEAF_BYTES + 5, 'two'))
    const { layout, imported, image } = await storedTree(source)
    const content: StoredContent = {
      digest: imported.digest,
      kind: 'tree',
      size: imported.size,
      sha256: undefined,
      inPlace: undefined,
      privileged: 'none',
      createdAt: 0,
    }
    const elsewhere = await tempDir()
    writeFileSync(join(elsewhere, 'small'), 'the secret.')
    writeFileSync(join(elsewhere, 'two'), Buffer.alloc(LEAF_BYTES + 5, 7))
    const swap = () => {
      renameSync(join(image, 'open/sub'), join(image, 'open/away'))
      symlinkSync(elsewhere, join(image, 'open/sub'))
    }
    return { content, elsewhere, open: { layout, image }, swap }
  }
  interface Opened {
    layout: Awaited<ReturnType<typeof storedTree>>['layout']
    image: string
  }

  const refused = { code: 'changed-on-disk' }

  test('is not read through for a peer, be the file small or large', async () => {
    const { content, open, swap } = await swapped()
    const reader = await TreeReader.open(open.layout, content, treeCodec)
    expect((await reader.readLeaves(0, 1, LEAF_BYTES)).toString()).toBe('of the tree')
    swap()
    for (const leaf of [0, 1])
      await expect(reader.readLeaves(leaf, 1, LEAF_BYTES)).rejects.toMatchObject(refused)
    await reader.close()
  })

  test('is not read through for a patch', async () => {
    const { content, open, swap } = await swapped()
    const numbered = await openNumbered(open.layout, content, treeCodec)
    swap()
    for (const file of [0, 1])
      await expect(
        numbered.file(file).then(async (found) => await numbered.open(found)),
      ).rejects.toMatchObject(refused)
    await numbered.close()
  })

  test('is not written through by a repair', async () => {
    const { content, open, elsewhere, swap } = await swapped()
    const place = join(open.image, 'open/sub/two')
    const good = readFileSync(place)
    flipByte(place, 5)
    const numbered = await openNumbered(open.layout, content, treeCodec)
    const root = realRoot(open.image)
    swap()
    const mending = mendLeaves(numbered, [{ first: 1, count: 1 }], {
      limits: defaultLimits,
      check: checkLeavesHere,
      pathOf: ({ path }) => joinBytes(root, path),
      fetch: async () => good.subarray(0, LEAF_BYTES),
      left: new DamageList(defaultLimits),
      onWrong: () => {},
      signal: new AbortController().signal,
    })
    await expect(mending).rejects.toMatchObject(refused)
    expect(readFileSync(join(elsewhere, 'two')).equals(Buffer.alloc(LEAF_BYTES + 5, 7))).toBe(true)
    await numbered.close()
  })
})
