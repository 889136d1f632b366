import { IngotError } from '../core/errors.ts'
import { durationOf } from './duration.ts'

const iso = /^(\d{4}-\d\d-\d\d)(?:[T ](\d\d:\d\d(?::\d\d(?:\.\d{1,3})?)?) ?(Z|[+-]\d\d:\d\d)?)?$/i

/**
 * Milliseconds since 1970 of an ISO 8601 date or time (UTC where it names no zone, as everything that is printed), or of a
 * duration back from `now`. Throws a usage error on anything else, and on a time before 1970.
 */
export function parseMoment(text: string, now: number): number {
  const back = durationOf(text)
  const time = back === undefined ? isoTime(text) : now - back
  if (time >= 0) return time
  throw new IngotError('usage', `${JSON.stringify(text)} is not a time`, {
    hint: 'a time is 2026-01-31, 2026-01-31T08:00, 2026-01-31T08:00:00+01:00, or a duration back from now: 2h, 7d',
  })
}

/** NaN for what is none. */
function isoTime(text: string): number {
  const [match, date, time = '00:00', zone = 'Z'] = iso.exec(text) ?? []
  // A day that the month does not have would become one of the next month.
  if (match === undefined || !existing(`${date}`)) return Number.NaN
  return Date.parse(`${date}T${time}${zone.toUpperCase()}`)
}

function existing(date: string): boolean {
  const day = new Date(`${date}T00:00Z`)
  return !Number.isNaN(day.getTime()) && day.toISOString().startsWith(date)
}
