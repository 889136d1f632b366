import { expect, test } from 'vitest'
import { testState } from '../../support/state.ts'

const web = { name: 'web-vm', baseType: 'OS' } as const
const db = { name: 'db-home', baseType: 'SOFTWARE' } as const

test('own image types are listed by name, each with its base type', () => {
  const { imageTypes } = testState()
  imageTypes.add(web, 1)
  imageTypes.add(db, 2)
  expect(imageTypes.list()).toEqual([db, web])
  expect(imageTypes.get('web-vm')).toEqual(web)
  expect(imageTypes.get('WEB-VM')).toBeUndefined()
})

test('a name is one image type', () => {
  const { imageTypes } = testState()
  imageTypes.add(web, 1)
  expect(() => imageTypes.add({ ...web, baseType: 'DISK' }, 2)).toThrow('UNIQUE')
})

test('exactly the named type goes', () => {
  const { imageTypes } = testState()
  imageTypes.add(web, 1)
  imageTypes.add(db, 1)
  imageTypes.delete('web-vm')
  expect(imageTypes.list()).toEqual([db])
})
