import { execFileSync } from 'node:child_process'
import { chmodSync, chownSync, existsSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { removeTree } from '../../../src/store/remove-tree.ts'
import { tempDir } from '../../support/temp-dir.ts'
import { makeTree, pathsOf } from '../../support/trees.ts'

test('a tree with names that are no UTF-8 is removed, and nothing that its symlinks lead to', async () => {
  const root = await tempDir()
  await makeTree(join(root, 'tree'))
  writeFileSync(join(root, 'kept'), 'x')
  symlinkSync(join(root, 'kept'), join(root, 'tree', 'to-kept'))
  symlinkSync(root, join(root, 'tree', 'to-root'))
  await removeTree(join(root, 'tree'))
  expect(existsSync(join(root, 'tree'))).toBe(false)
  expect(existsSync(join(root, 'kept'))).toBe(true)
})

test('a file is removed, and what is not there is no error', async () => {
  const root = await tempDir()
  writeFileSync(join(root, 'file'), 'x')
  await removeTree(join(root, 'file'))
  await removeTree(join(root, 'file'))
  expect(existsSync(join(root, 'file'))).toBe(false)
})

test.runIf(process.getuid?.() === 0)(
  'who is not root removes its directories that it may not write',
  async () => {
    const root = await tempDir()
    chmodSync(root, 0o777)
    const tree = join(root, 'tree')
    mkdirSync(join(tree, 'a', 'b'), { recursive: true })
    writeFileSync(join(tree, 'a', 'b', 'file'), 'x')
    const nobody = 65_534
    for (const path of pathsOf(tree).reverse()) {
      chownSync(join(tree, path), nobody, nobody)
      chmodSync(join(tree, path), 0o555)
    }
    const module = new URL('../../../src/store/remove-tree.ts', import.meta.url)
    const script = `import { removeTree } from '${module.href}'; process.setgid(${nobody}); process.setuid(${nobody}); await removeTree('${tree}')`
    execFileSync(process.execPath, ['--input-type=module', '-e', script])
    expect(existsSync(tree)).toBe(false)
  },
)
