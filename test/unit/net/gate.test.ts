import { expect, test } from 'vitest'
import { countedAs } from '../../../src/net/gate.ts'

test.each([
  ['192.0.2.7', '192.0.2.7'],
  ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2::/64'],
  ['2001:0DB8:0001:2::1', '2001:db8:1:2::/64'],
  ['2001:db8::1', '2001:db8:0:0::/64'],
  ['::1', '0:0:0:0::/64'],
  ['fe80::', 'fe80:0:0:0::/64'],
  ['::ffff:192.0.2.7', '::ffff:192.0.2.7'],
])('refusals of %s are counted under %s', (address, network) => {
  expect(countedAs(address)).toBe(network)
})
