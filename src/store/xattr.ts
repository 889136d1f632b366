import { systemCode } from '../core/errors.ts'
import { isKeptXattr, type Xattr } from '../image/tree.ts'
import { getXattr, hasLibc, listXattrs } from './libc.ts'

/** The extended attributes of a node that a tree carries, ascending by name; none where they cannot be read at all. */
export function readXattrs(path: Uint8Array): Xattr[] {
  if (!hasLibc) return []
  let names: Buffer[]
  try {
    names = listXattrs(path)
  } catch (error) {
    if (['ENOTSUP', 'EOPNOTSUPP', 'ENOSYS'].includes(systemCode(error) ?? '')) return []
    throw error
  }
  return names
    .filter((name) => isKeptXattr(name.toString('latin1')))
    .sort((a, b) => a.compare(b))
    .map((name) => ({ name, value: getXattr(path, name) }))
}
