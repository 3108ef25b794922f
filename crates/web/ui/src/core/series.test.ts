import { describe, expect, it } from 'vitest'
import type { Calendar, Demand } from './contract'
import { at, byUrgency, numbers, peak, shareMet, stripPath, worstStep } from './series'
import { addMonths, axisTicks, stepLabel, stepOf, stepOfMonth } from './time'

const demand = (id: string, changes: Partial<Demand>): Demand => ({
  id, name: id, region: 'USA', end_use: 'civil', unit: 't', required: [10, 10, 0], met: [10, 5, 0], unmet: [0, 5, 0],
  first: '2025-02-01', late: false, cost: 1, ...changes,
})
const months: Calendar = { unit: 'month', days: ['2025-01-01', '2025-02-01', '2025-03-01'], end: '2025-04-01', read: 2 }
const quarters: Calendar = { unit: 'quarter', days: ['2025-01-01', '2025-04-01'], end: '2025-07-01', read: 2 }

describe('series', () => {
  it('is read at a month and between months', () => {
    const series = numbers([1, null, 3])
    expect([0, 1, 1.5, 2, 9].map((time) => at(series, time))).toEqual([1, 0, 1.5, 3, 0])
    expect(peak(series, 2)).toBe(1)
  })

  it('says what share is met: all where nothing is needed, never more than all', () => {
    expect([...shareMet({ required: [10, 10, 0, 4], met: [5, 12, 0, null] })]).toEqual([0.5, 1, 1, 1])
  })

  it('is drawn as a closed step line', () => {
    expect(stripPath(Float64Array.of(1, 0.5), [0, 10, 20], 100, 20)).toBe('M0,120L0.0,100.0L10.0,100.0L10.0,110.0L20.0,110.0L20,120Z')
  })

  it('puts defence that runs short first, then what costs most', () => {
    const all = [
      demand('met', { first: null }), demand('cheap', {}), demand('dear', { cost: 9 }),
      demand('late', { end_use: 'military', first: '2026-01-01' }), demand('early', { end_use: 'military' }),
    ]
    expect(byUrgency(all).map((one) => one.id)).toEqual(['early', 'late', 'dear', 'cheap', 'met'])
    expect(worstStep(all, 3)).toBe(1)
    expect(worstStep([], 3)).toBe(0)
  })
})

describe('the calendar', () => {
  it('finds the step of a day and of a month', () => {
    expect(['2024-12-31', '2025-01-31', '2025-02-01', '2030-01-01'].map((day) => stepOf(months, day))).toEqual([0, 0, 1, 2])
    expect(stepOfMonth(quarters, '2025-05')).toBe(1)
  })

  it('names steps', () => {
    expect(stepLabel(months, 1)).toBe('Feb 2025')
    expect(stepLabel(quarters, 1)).toBe('Apr–Jun 2025')
    expect(addMonths('2025-01-31', 1)).toBe('2025-02-28')
    expect(axisTicks('2025-01-01', '2026-01-01').map((tick) => tick.label)).toEqual(['2025', 'Jul', '2026'])
  })
})
