import { IngotError } from './errors.ts'

const DAY_MINUTES = 24 * 60
/** A weekly plan repeats after seven days; a zone may leave a day out (Samoa did), so two weeks are looked at. */
const HORIZON_DAYS = 15

const dayNames = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'] as const

/** A stretch of wall-clock time that begins on some days of the week. */
interface Span {
  /** Days on which it begins, 1 (Monday) to 7 (Sunday), ascending. */
  days: readonly number[]
  /** Minutes of the day, 0 to 1439. */
  start: number
  /** Minutes of the day, 1 to 1440; not behind `start`: on the next day. */
  end: number
}

/**
 * When something may run: open whenever a clock on the wall of its zone shows a time in one of its spans. So it follows
 * daylight saving: a time that is left out in spring is passed over with the clock, and one that comes twice in autumn counts twice.
 */
export class Window {
  readonly #spans: readonly Span[]
  readonly #zone: string

  private constructor(spans: readonly Span[], zone: string) {
    this.#spans = spans
    this.#zone = zone
  }

  /**
   * Reads `[DAYS] [HH:MM-HH:MM][; …] ZONE`: days as `mon-fri` or `sat,sun` (default: each day), times to the minute (default: the
   * whole day; an end that is not behind its start is on the next day), the zone by its IANA name. Throws `usage`.
   */
  static parse(text: string): Window {
    const at = text.trimEnd().lastIndexOf(' ')
    const zone = zoneOf(text.trimEnd().slice(at + 1))
    if (zone === undefined || at === -1)
      throw faulty(text, 'it does not end with the name of a time zone', 'such as Europe/Vienna or UTC')
    return new Window(
      text
        .slice(0, at)
        .split(';')
        .map((part) => parseSpan(text, part)),
      zone,
    )
  }

  /** As {@link Window.parse} reads it; the same for windows that were written in different ways and are the same. */
  toString(): string {
    return `${this.#spans.map(spanText).join('; ')} ${this.#zone}`
  }

  /** `at`: milliseconds since 1970. */
  isOpen(at: number): boolean {
    const { dayOfWeek: day, hour, minute } = this.#wallTime(at)
    const time = hour * 60 + minute
    const before = ((day + 5) % 7) + 1
    return this.#spans.some(({ days, start, end }) =>
      end > start
        ? days.includes(day) && time >= start && time < end
        : (days.includes(day) && time >= start) || (days.includes(before) && time < end),
    )
  }

  /** When it opens or closes next after `at`, milliseconds since 1970; undefined when it never does. */
  nextChange(at: number): number | undefined {
    const open = this.isOpen(at)
    return this.#boundaries(at).find((time) => this.isOpen(time) !== open)
  }

  #wallTime(at: number): Temporal.ZonedDateTime {
    return Temporal.Instant.fromEpochMilliseconds(at).toZonedDateTimeISO(this.#zone)
  }

  /** Every time after `at` at which it may change, ascending: its starts and ends, and where the clocks are changed. */
  #boundaries(at: number): number[] {
    const today = this.#wallTime(at).toPlainDate()
    const minutes = new Set(this.#spans.flatMap(({ start, end }) => [start, end % DAY_MINUTES]))
    const times: number[] = []
    for (let day = 0; day <= HORIZON_DAYS; day++) {
      for (const minute of minutes) {
        const wall = today.add({ days: day }).toPlainDateTime({
          hour: Math.floor(minute / 60),
          minute: minute % 60,
        })
        for (const disambiguation of ['earlier', 'later'] as const)
          times.push(wall.toZonedDateTime(this.#zone, { disambiguation }).epochMilliseconds)
      }
    }
    for (let change = this.#wallTime(at); ;) {
      const next = change.getTimeZoneTransition('next')
      if (next === null || next.epochMilliseconds > at + HORIZON_DAYS * 86_400_000) break
      times.push(next.epochMilliseconds)
      change = next
    }
    return times.filter((time) => time > at).toSorted((one, other) => one - other)
  }
}

/** The zone of that IANA name, as it is written; undefined for none, and for a mere offset. */
function zoneOf(name: string): string | undefined {
  if (!/^[a-z]/i.test(name)) return undefined
  try {
    return Temporal.Instant.fromEpochMilliseconds(0).toZonedDateTimeISO(name).timeZoneId
  } catch {
    return undefined // what Temporal does not know
  }
}

function parseSpan(text: string, part: string): Span {
  const words = part.trim().split(/ +/)
  const [first = '', second] = words
  if (first === '' || words.length > 2)
    throw faulty(text, `${JSON.stringify(part.trim())} is no span`, 'one is DAYS, HH:MM-HH:MM, or both')
  const named = /^[a-z]/i.test(first)
  const days = named ? parseDays(text, first) : [1, 2, 3, 4, 5, 6, 7]
  const times = named ? (second ?? '00:00-24:00') : first
  if (!named && second !== undefined)
    throw faulty(text, `${JSON.stringify(second)} is too much`, 'days stand in front of times')
  return { days, ...parseTimes(text, times) }
}

function parseDays(text: string, list: string): number[] {
  const days = new Set<number>()
  for (const part of list.toLowerCase().split(',')) {
    const [from = '', to = from, ...rest] = part.split('-')
    const first = dayNames.indexOf(from as (typeof dayNames)[number])
    const last = dayNames.indexOf(to as (typeof dayNames)[number])
    if (first === -1 || last === -1 || rest.length > 0)
      throw faulty(text, `${JSON.stringify(part)} is no day`, `days are ${dayNames.join(', ')}, or mon-fri`)
    for (let day = first; ; day = (day + 1) % 7) {
      days.add(day + 1)
      if (day === last) break
    }
  }
  return [...days].toSorted((one, other) => one - other)
}

function parseTimes(text: string, times: string): { start: number; end: number } {
  const match = /^(\d\d):(\d\d)-(\d\d):(\d\d)$/.exec(times)
  const [start, end] = [minuteOf(match?.[1], match?.[2]), minuteOf(match?.[3], match?.[4])]
  if (start === undefined || end === undefined || start === DAY_MINUTES)
    throw faulty(
      text,
      `${JSON.stringify(times)} are no times`,
      'times are as in 22:00-06:00; the last is 24:00',
    )
  if (start === end)
    throw faulty(text, `${times} has no length`, 'leave the times out, or write 00:00-24:00, for a whole day')
  return { start, end: end === 0 ? DAY_MINUTES : end }
}

function minuteOf(hour = '99', minute = '99'): number | undefined {
  const minutes = Number(hour) * 60 + Number(minute)
  return Number(minute) < 60 && minutes <= DAY_MINUTES ? minutes : undefined
}

function spanText({ days, start, end }: Span): string {
  const times = start === 0 && end === DAY_MINUTES ? '' : `${minuteText(start)}-${minuteText(end)}`
  const named = days.length === 7 ? '' : daysText(days)
  return [named === '' && times === '' ? '00:00-24:00' : named, times].filter((each) => each !== '').join(' ')
}

/** Three or more days in a row as `mon-wed`. */
function daysText(days: readonly number[]): string {
  const name = (day: number) => dayNames[day - 1] as string
  const runs: number[][] = []
  for (const day of days) {
    const run = runs.at(-1)
    if (run?.at(-1) === day - 1) run.push(day)
    else runs.push([day])
  }
  return runs
    .map((run) =>
      run.length > 2 ? `${name(run[0] as number)}-${name(run.at(-1) as number)}` : run.map(name).join(','),
    )
    .join(',')
}

function minuteText(minutes: number): string {
  const two = (value: number) => String(value).padStart(2, '0')
  return `${two(Math.floor(minutes / 60))}:${two(minutes % 60)}`
}

function faulty(text: string, why: string, hint: string): IngotError {
  return new IngotError('usage', `${JSON.stringify(text)} is not a window: ${why}`, {
    hint: `${hint}; a window is as in "mon-fri 20:00-05:30; sat,sun Europe/Vienna"`,
  })
}
