import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { Window } from '../../../src/core/window.ts'

const HOUR = 3_600_000
const utc = (text: string) => Date.parse(`${text}Z`)
const iso = (time: number | undefined) =>
  time === undefined ? undefined : new Date(time).toISOString().slice(0, 16)

/** The first changes after a time, in UTC: `+` opens, `-` closes. */
function changes(window: string, from: string, count: number): string[] {
  const parsed = Window.parse(window)
  const found: string[] = []
  let at = utc(from)
  for (let i = 0; i < count; i++) {
    const next = parsed.nextChange(at)
    if (next === undefined) break
    at = next
    found.push(`${parsed.isOpen(at) ? '+' : '-'}${iso(at)}`)
  }
  return found
}

describe('a window is open', () => {
  test('each day between its times, in its zone', () => {
    expect(changes('08:30-17:00 UTC', '2026-01-01T00:00', 4)).toEqual([
      '+2026-01-01T08:30',
      '-2026-01-01T17:00',
      '+2026-01-02T08:30',
      '-2026-01-02T17:00',
    ])
    expect(changes('08:30-17:00 Asia/Kolkata', '2026-01-01T00:00', 2)).toEqual([
      '+2026-01-01T03:00',
      '-2026-01-01T11:30',
    ])
  })

  test('past midnight; the day is the one on which it begins', () => {
    const window = 'fri 22:00-06:00 UTC' // 2026-01-02 is a Friday
    expect(changes(window, '2026-01-01T00:00', 3)).toEqual([
      '+2026-01-02T22:00',
      '-2026-01-03T06:00',
      '+2026-01-09T22:00',
    ])
    expect(Window.parse(window).isOpen(utc('2026-01-02T03:00'))).toBe(false)
  })

  test('on whole days, without a break between two of them', () => {
    expect(changes('sat,sun UTC', '2026-01-01T00:00', 3)).toEqual([
      '+2026-01-03T00:00',
      '-2026-01-05T00:00',
      '+2026-01-10T00:00',
    ])
    expect(changes('fri-mon 00:00-24:00 UTC', '2026-01-01T00:00', 2)).toEqual([
      '+2026-01-02T00:00',
      '-2026-01-06T00:00',
    ])
  })

  test('in any of its spans', () => {
    expect(changes('mon-fri 20:00-05:30; sat,sun UTC', '2026-01-01T12:00', 4)).toEqual([
      '+2026-01-01T20:00',
      '-2026-01-02T05:30',
      '+2026-01-02T20:00', // through the weekend, until Monday 00:00; then Sunday is over
      '-2026-01-05T00:00',
    ])
  })

  test('always, when it says so: it never changes', () => {
    const always = Window.parse('00:00-24:00 Europe/Vienna')
    expect(always.nextChange(utc('2026-03-29T00:00'))).toBeUndefined()
    expect(Window.parse('00:00-12:00; 12:00-24:00 UTC').nextChange(0)).toBeUndefined()
  })
})

describe('daylight saving', () => {
  test('in Vienna in spring a window past the gap is an hour shorter, one that begins in it opens behind it', () => {
    // 2026-03-29: 02:00 CET becomes 03:00 CEST at 01:00 UTC.
    expect(changes('22:00-06:00 Europe/Vienna', '2026-03-28T12:00', 3)).toEqual([
      '+2026-03-28T21:00',
      '-2026-03-29T04:00',
      '+2026-03-29T20:00',
    ])
    expect(changes('02:30-04:00 Europe/Vienna', '2026-03-28T12:00', 2)).toEqual([
      '+2026-03-29T01:00',
      '-2026-03-29T02:00',
    ])
    expect(changes('01:00-02:30 Europe/Vienna', '2026-03-28T12:00', 2)).toEqual([
      '+2026-03-29T00:00',
      '-2026-03-29T01:00',
    ])
    // One that lies in the gap is left out on that day.
    expect(changes('02:15-02:45 Europe/Vienna', '2026-03-28T12:00', 1)).toEqual(['+2026-03-30T00:15'])
  })

  test('in Vienna in autumn it is an hour longer, and the hour that comes twice counts twice', () => {
    // 2026-10-25: 03:00 CEST becomes 02:00 CET at 01:00 UTC.
    expect(changes('22:00-06:00 Europe/Vienna', '2026-10-24T12:00', 2)).toEqual([
      '+2026-10-24T20:00',
      '-2026-10-25T05:00',
    ])
    expect(changes('02:00-02:30 Europe/Vienna', '2026-10-24T12:00', 4)).toEqual([
      '+2026-10-25T00:00',
      '-2026-10-25T00:30',
      '+2026-10-25T01:00',
      '-2026-10-25T01:30',
    ])
  })

  test('in New York', () => {
    // 2026-03-08 at 07:00 UTC, 2026-11-01 at 06:00 UTC.
    expect(changes('sun 01:00-03:00 America/New_York', '2026-03-07T12:00', 2)).toEqual([
      '+2026-03-08T06:00',
      '-2026-03-08T07:00',
    ])
    expect(changes('sun 00:30-02:30 America/New_York', '2026-10-31T12:00', 2)).toEqual([
      '+2026-11-01T04:30',
      '-2026-11-01T07:30',
    ])
  })

  test('of half an hour, on Lord Howe', () => {
    // 2026-04-05: 02:00 +11 becomes 01:30 +10:30 at 15:00 UTC of the day before. 2026-10-04: 02:00 +10:30 becomes 02:30 +11.
    expect(changes('01:00-01:45 Australia/Lord_Howe', '2026-04-04T12:00', 4)).toEqual([
      '+2026-04-04T14:00',
      '-2026-04-04T14:45',
      '+2026-04-04T15:00',
      '-2026-04-04T15:15',
    ])
    expect(changes('02:10-03:00 Australia/Lord_Howe', '2026-10-03T12:00', 2)).toEqual([
      '+2026-10-03T15:30',
      '-2026-10-03T16:00',
    ])
  })

  test('a day that a zone left out: Samoa had no 30 December 2011, a Friday', () => {
    expect(changes('fri 10:00-11:00 Pacific/Apia', '2011-12-29T00:00', 1)).toEqual(['+2012-01-05T20:00'])
  })
})

describe('the text of a window', () => {
  test.each([
    ['22:00-06:00 europe/vienna', '22:00-06:00 Europe/Vienna'],
    ['  Mon-Fri  20:00-05:30 ;SAT UTC ', 'mon-fri 20:00-05:30; sat UTC'],
    ['sat-sun UTC', 'sat,sun UTC'],
    ['fri-mon 20:00-00:00 UTC', 'mon,fri-sun 20:00-24:00 UTC'],
    ['mon,tue,wed,fri UTC', 'mon-wed,fri UTC'],
    ['mon-sun UTC', '00:00-24:00 UTC'],
    ['tue-mon 01:00-02:00 UTC', '01:00-02:00 UTC'],
  ])('%j is %j', (text, normal) => {
    expect(Window.parse(text).toString()).toBe(normal)
    expect(Window.parse(normal).toString()).toBe(normal)
  })

  test.each([
    ['', 'time zone'],
    ['UTC', 'time zone'],
    ['22:00-06:00', 'time zone'],
    ['22:00-06:00 Europe/Wien', 'time zone'],
    ['22:00-06:00 +01:00', 'time zone'],
    [' UTC', 'no span'],
    ['22:00-06:00; UTC', 'no span'],
    ['22-06 UTC', 'no times'],
    ['22:00-24:01 UTC', 'no times'],
    ['24:00-06:00 UTC', 'no times'],
    ['12:60-13:00 UTC', 'no times'],
    ['8:00-9:00 UTC', 'no times'],
    ['mon 22:00 UTC', 'no times'],
    ['12:00-12:00 UTC', 'no length'],
    ['moon 12:00-13:00 UTC', 'no day'],
    ['mon-tue-wed UTC', 'no day'],
    ['mon, tue UTC', 'no day'],
    ['12:00-13:00 mon UTC', 'too much'],
    ['mon 12:00-13:00 14:00-15:00 UTC', 'no span'],
  ])('%j is none: it says %s', (text, why) => {
    expect(() => Window.parse(text)).toThrow(
      expect.objectContaining({
        code: 'usage',
        message: expect.stringContaining(why) as string,
        hint: expect.stringContaining('Europe/Vienna') as string,
      }),
    )
  })
})

describe('any window', () => {
  const two = (value: number) => String(value).padStart(2, '0')
  const time = fc.tuple(fc.nat(23), fc.constantFrom(0, 10, 30, 59)).map(([h, m]) => `${two(h)}:${two(m)}`)
  const day = fc.constantFrom('mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun')
  const days = fc.oneof(
    fc.constant(''),
    fc.tuple(day, day).map(([from, to]) => `${from}-${to} `),
    fc.uniqueArray(day, { minLength: 1 }).map((list) => `${list.join()} `),
  )
  const span = fc
    .tuple(days, time, time)
    .filter(([, start, end]) => start !== end)
    .map(([on, start, end]) => `${on}${start}-${end}`)
  const zones = ['UTC', 'Europe/Vienna', 'America/New_York', 'Australia/Lord_Howe', 'Africa/Casablanca']
  const window = fc
    .tuple(fc.array(span, { minLength: 1, maxLength: 3 }), fc.constantFrom(...zones))
    .map(([spans, zone]) => ({ text: `${spans.join(';')} ${zone}`, zone }))
  // Around the changes of the clocks, and anywhere.
  const at = fc.oneof(
    ...['2026-03-29', '2026-10-25', '2026-03-08', '2026-11-01', '2026-04-04', '2026-10-03', '2026-02-15'].map(
      (date) => fc.integer({ min: -30 * 60, max: 30 * 60 }).map((m) => utc(`${date}T00:00`) + m * 60_000),
    ),
  )

  test('is the same when it is written and read again', () => {
    fc.assert(
      fc.property(window, at, ({ text }, time) => {
        const parsed = Window.parse(text)
        const again = Window.parse(parsed.toString())
        expect(again.toString()).toBe(parsed.toString())
        expect(again.isOpen(time)).toBe(parsed.isOpen(time))
      }),
    )
  })

  test('stays as it is until its next change, and changes there', () => {
    fc.assert(
      fc.property(window, at, fc.double({ min: 0, max: 1, noNaN: true }), ({ text }, time, where) => {
        const parsed = Window.parse(text)
        const next = parsed.nextChange(time)
        const open = parsed.isOpen(time)
        if (next !== undefined) {
          expect(next).toBeGreaterThan(time)
          expect(parsed.isOpen(next)).toBe(!open)
          expect(parsed.isOpen(next - 1)).toBe(open)
        }
        const until = (next ?? time + 400 * HOUR) - 1
        expect(parsed.isOpen(Math.floor(time + (until - time) * where))).toBe(open)
      }),
    )
  })

  test('is open exactly when the clock on the wall says so', () => {
    fc.assert(
      fc.property(window, at, ({ text, zone }, moment) => {
        // An independent reading: the wall clock by Intl, the spans by hand.
        const parts = Object.fromEntries(
          new Intl.DateTimeFormat('en-GB', {
            timeZone: zone,
            weekday: 'short',
            hour: '2-digit',
            minute: '2-digit',
            hourCycle: 'h23',
          })
            .formatToParts(moment)
            .map(({ type, value }) => [type, value]),
        )
        const names = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun']
        const today = names.indexOf((parts['weekday'] as string).toLowerCase())
        const now = `${parts['hour']}:${parts['minute']}`
        const holds = (list: string, on: number) =>
          list === '' ||
          list.split(',').some((part) => {
            const [from = '', to = from] = part.split('-')
            const length = (names.indexOf(to) - names.indexOf(from) + 7) % 7
            return (on - names.indexOf(from) + 7) % 7 <= length
          })
        const open = text
          .slice(0, text.lastIndexOf(' '))
          .split(';')
          .some((part) => {
            const [list, times = ''] = part.includes(' ') ? part.split(' ') : ['', part]
            const [start = '', end = ''] = times.split('-')
            if (end > start) return holds(list as string, today) && now >= start && now < end
            const begun = holds(list as string, today) && now >= start
            return begun || (holds(list as string, (today + 6) % 7) && now < end)
          })
        expect(Window.parse(text).isOpen(moment)).toBe(open)
      }),
    )
  })
})
