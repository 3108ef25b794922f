import { describe, expect, it } from 'vitest'
import { scenario } from './fixtures'
import { bars, clampEnd, endAt, grouped, joined, monthsFrom, movedEnd, place, shownValue, typedValue } from './policies'
import { addMonths } from './time'

const horizon = { start: '2025-01-01', end: '2030-01-01' }
const list = bars(scenario, [], horizon)
const [busan, licence, duty] = list

describe('bars', () => {
  it('shows where a truce keeps a measure from acting, within both their dates', () => {
    expect(licence.rests).toEqual([{ from: '2025-11-07', until: '2026-11-10' }])
    expect(duty.rests).toEqual([{ from: '2025-11-07', until: '2026-02-20' }])
  })
  it('follows the edits', () => {
    const longer = bars(scenario, [{ id: 'busan', set: { until: '2027-05-10' } }], horizon)
    expect(longer[0]).toMatchObject({ until: '2027-05-10', changed: true, off: false })
    expect(longer[1].rests).toEqual([{ from: '2025-11-07', until: '2027-05-10' }])
    const off = bars(scenario, [{ id: 'busan', off: true }, { id: 'us-duty', set: { until: null } }], horizon)
    expect(off[1].rests).toEqual([])
    expect(off[2].until).toBeNull()
  })
  it('groups by who ordered it', () => {
    expect(grouped(list).map((group) => [group.id, group.bars.map((bar) => bar.id)])).toEqual([
      ['truce', ['busan']], ['china', ['cn-licence']], ['tariff', ['us-duty']],
    ])
  })
  it('joins spans that touch', () => {
    const span = (from: string, until: string) => ({ from, until })
    expect(joined([span('2026-01-01', '2026-03-01'), span('2025-01-01', '2025-02-01'), span('2026-03-01', '2026-02-01')])).toEqual([
      span('2025-01-01', '2025-02-01'), span('2026-01-01', '2026-03-01'),
    ])
  })
})

describe('dates', () => {
  it('adds months and stays within short ones', () => {
    expect(addMonths('2027-01-31', 1)).toBe('2027-02-28')
    expect(addMonths('2027-12-10', 1)).toBe('2028-01-10')
    expect(addMonths('2027-03-31', -13)).toBe('2026-02-28')
    expect(monthsFrom('2025-01-01', '2026-11-10')).toBe(22)
  })
  it('moves an end by months, never before the begin nor past the horizon', () => {
    expect(movedEnd(busan, 1, horizon)).toBe('2026-12-10')
    expect(movedEnd(busan, -12, horizon)).toBe('2025-11-10')
    expect(movedEnd(busan, -24, horizon)).toBe('2025-11-08')
    expect(movedEnd(busan, 60, horizon)).toBe('2030-01-01')
    expect(movedEnd(duty, 60, horizon)).toBeNull()
    expect(movedEnd(licence, 1, horizon)).toBeNull()
    expect(movedEnd(licence, -1, horizon)).toBe('2029-12-01')
  })
  it('keeps an end that the scenario itself sets past the horizon', () => {
    const late = { ...busan, item: { ...busan.item, until: '2031-01-01' } }
    expect(clampEnd(late, '2030-01-01', horizon)).toBe('2031-01-01')
  })
  it('takes the nearest month under the pointer, or the saved end', () => {
    expect(endAt(busan, place(horizon, '2027-05-03'), horizon)).toBe('2027-05-01')
    expect(endAt(busan, place(horizon, '2026-11-08'), horizon)).toBe('2026-11-10')
    expect(endAt(busan, 0, horizon)).toBe('2025-11-08')
    expect(endAt(duty, 1, horizon)).toBeNull()
  })
  it('places days on the axis', () => {
    expect(place(horizon, '2025-01-01')).toBe(0)
    expect(place(horizon, '2020-01-01')).toBe(0)
    expect(place(horizon, '2031-01-01')).toBe(1)
  })
})

describe('parameters', () => {
  const share = { key: 'allow_civil', label: '', value: 0.07, kind: 'share' as const }
  it('are read and typed in per cent', () => {
    expect(shownValue(share, 0.07)).toBe(7)
    expect(typedValue(share, 7)).toBe(0.07)
    expect(shownValue({ ...share, kind: 'days' }, 45)).toBe(45)
  })
  it('are refused outside their range', () => {
    expect(typedValue(share, 101)).toBeNull()
    expect(typedValue(share, -1)).toBeNull()
    expect(typedValue({ ...share, kind: 'rate' }, 145)).toBe(1.45)
    expect(typedValue({ ...share, kind: 'amount' }, NaN)).toBeNull()
  })
})
