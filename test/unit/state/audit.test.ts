import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Audit, AuditFilter, AuditRecord } from '../../../src/state/audit.ts'
import { testState } from '../../support/state.ts'

const everything: AuditFilter = {
  from: undefined,
  to: undefined,
  operation: undefined,
  subject: undefined,
  failed: false,
  limit: 100,
}

const record = (changes: Partial<AuditRecord> = {}): AuditRecord => ({
  time: 5,
  operation: 'add image',
  subject: './debian-13',
  outcome: 'done',
  ...changes,
})

function auditOf(records: readonly AuditRecord[]): Audit {
  const { audit } = testState()
  for (const each of records) audit.add(each)
  return audit
}

const times = (records: readonly AuditRecord[]) => records.map(({ time }) => time)

describe('the list', () => {
  test('has every record as it was written, oldest first', () => {
    const records = [
      record(),
      record({ time: 3, outcome: 'no space' }),
      record({ operation: 'accept server' }),
    ]
    expect(auditOf(records).list(everything)).toEqual(records)
  })

  test('has the newest, so many as are asked for, oldest first', () => {
    const audit = auditOf([1, 2, 3, 4].map((time) => record({ time })))
    expect(times(audit.list({ ...everything, limit: 2 }))).toEqual([3, 4])
  })

  test('begins with the first moment and ends before the last', () => {
    const audit = auditOf([1, 2, 3, 4].map((time) => record({ time })))
    expect(times(audit.list({ ...everything, from: 2, to: 4 }))).toEqual([2, 3])
  })

  test.each([
    ['add image', ['add image']],
    ['add', ['add image', 'add series']],
    ['ad', []],
    ['image', []],
    ['add %', []],
  ])('of the operation %j has whole words only', (operation, expected) => {
    const audit = auditOf(
      ['add image', 'add series', 'address peer'].map((each) => record({ operation: each })),
    )
    expect(audit.list({ ...everything, operation }).map((each) => each.operation)).toEqual(expected)
  })

  test('of a subject has those that contain it, letter by letter', () => {
    const audit = auditOf(
      ['./debian-13', 'hq/debian-13', './debian_13'].map((subject) => record({ subject })),
    )
    const of = (subject: string) => audit.list({ ...everything, subject }).map((each) => each.subject)
    expect(of('debian-13')).toEqual(['./debian-13', 'hq/debian-13'])
    expect(of('debian_13')).toEqual(['./debian_13'])
    expect(of('%')).toEqual([])
    expect(of('Debian')).toEqual([])
  })

  test('of what failed has everything that is not done', () => {
    const audit = auditOf(['done', 'no space', 'done'].map((outcome, time) => record({ outcome, time })))
    expect(times(audit.list({ ...everything, failed: true }))).toEqual([1])
  })

  test('with several conditions has what fits all of them', () => {
    const operation = fc.constantFrom('add image', 'add series', 'addition', 'delete image')
    const records = fc.array(
      fc.record({
        time: fc.nat(9),
        operation,
        subject: fc.constantFrom('a', 'ab', 'b'),
        outcome: fc.constantFrom('done', 'no'),
      }),
      { maxLength: 20 },
    )
    const asked = <T>(values: fc.Arbitrary<T>) => fc.option(values, { nil: undefined })
    const filters = fc.record({
      from: asked(fc.nat(9)),
      to: asked(fc.nat(9)),
      operation: asked(fc.oneof(operation, fc.constantFrom('add', 'delete'))),
      subject: asked(fc.constantFrom('a', 'b')),
      failed: fc.boolean(),
      limit: fc.integer({ min: 1, max: 10 }),
    })
    const fits = (each: AuditRecord, { from, to, operation: verb, subject, failed }: AuditFilter) =>
      each.time >= (from ?? 0) &&
      each.time < (to ?? Infinity) &&
      (verb === undefined || each.operation === verb || each.operation.split(' ')[0] === verb) &&
      (subject === undefined || each.subject.includes(subject)) &&
      (!failed || each.outcome !== 'done')
    const { audit, db } = testState()
    fc.assert(
      fc.property(records, filters, (written, filter) => {
        db.run('DELETE FROM audit')
        for (const each of written) audit.add(each)
        expect(audit.list(filter)).toEqual(written.filter((each) => fits(each, filter)).slice(-filter.limit))
      }),
    )
  })
})

describe('the bound', () => {
  const bounded = (most: number) => testState(':memory:', { auditRecords: most }).audit

  test('with each record the oldest goes, once there are too many', () => {
    const audit = bounded(3)
    for (const time of [1, 2, 3, 4, 5]) audit.add(record({ time }))
    expect(times(audit.list(everything))).toEqual([3, 4, 5])
  })

  test('goes by the order in which they were written, not by their time', () => {
    const audit = bounded(2)
    for (const time of [9, 1, 2]) audit.add(record({ time }))
    expect(times(audit.list(everything))).toEqual([1, 2])
  })

  test('leaves what is no more than the number', () => {
    const audit = bounded(2)
    audit.add(record({ time: 1 }))
    expect(times(audit.list(everything))).toEqual([1])
  })
})
