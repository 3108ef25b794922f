import { describe, expect, it } from 'vitest'
import type { Calendar, Demand, Policy } from './contract'
import { chosenDemands, nameAt, rankedPolicies, spans } from './timeline'
import { isCut, makersOf, pairedLanes, shareClass, wholeOf } from './worldshares'
import { colourName, legendOf } from './palette'
import { dayOf } from './time'

const calendar: Calendar = { unit: 'month', days: ['2025-01-01', '2025-02-01'], end: '2025-03-01', read: 2 }
const policy = (id: string, changes: Partial<Policy>): Policy => ({
  id, type: 'measure', kind: 'export-control', name: id, by: 'China', what: '', from: '2025-01-10', until: null,
  suspended: [], claimed_by: null, legal: null, source: [], note: null, responds_to: null, ...changes,
})

describe('policies', () => {
  it('are in force within the calendar, less what is suspended', () => {
    const parts = spans(policy('a', { suspended: [['2025-01-20', '2025-02-10'], ['2025-02-05', '2025-02-15']] }), calendar)
    expect(parts.map((part) => [dayOf(part.from), dayOf(part.to), part.suspended])).toEqual([
      ['2025-01-10', '2025-01-20', false], ['2025-01-20', '2025-02-10', true],
      ['2025-02-10', '2025-02-15', true], ['2025-02-15', '2025-03-01', false],
    ])
    expect(spans(policy('later', { from: '2026-01-01' }), calendar)).toEqual([])
  })

  it('matter in the order truces, controls, rules, others, long before short', () => {
    const all = [
      policy('tariff', { kind: 'tariff' }), policy('rule', { kind: 'origin-rule' }), policy('short', { until: '2025-01-12' }),
      policy('long', {}), policy('truce', { type: 'truce', kind: 'truce' }), policy('never', { until: '2024-01-01', from: '2023-01-01' }),
    ]
    expect(rankedPolicies(all, calendar).map((one) => one.id)).toEqual(['truce', 'long', 'short', 'rule', 'tariff'])
  })

  it('have their names where there is room', () => {
    expect(nameAt([{ x0: 0, x1: 100 }], 0, 300, 50)).toMatchObject({ inside: true, anchor: 'start' })
    expect(nameAt([{ x0: 0, x1: 10 }], 0, 300, 50)).toMatchObject({ inside: false, anchor: 'start' })
    expect(nameAt([{ x0: 280, x1: 300 }], 0, 300, 50)).toMatchObject({ inside: false, anchor: 'end' })
  })
})

describe('demands', () => {
  it('leave room for civil ones that run short', () => {
    const many = (count: number, end_use: 'civil' | 'military') =>
      Array.from({ length: count }, (_, index): Demand => ({
        id: `${end_use}${index}`, name: '', region: '', end_use, unit: '', required: [], met: [], unmet: [],
        first: '2025-01-01', late: false, cost: index,
      }))
    const chosen = chosenDemands([...many(20, 'military'), ...many(20, 'civil')], 10)
    expect(chosen.map((one) => one.end_use)).toEqual([...Array(6).fill('military'), ...Array(4).fill('civil')])
    expect(chosenDemands(many(3, 'civil'), 10)).toHaveLength(3)
    expect(chosenDemands(many(30, 'civil'), Infinity)).toHaveLength(30)
  })
})

describe('the map', () => {
  it('gathers small makers and keeps the whole', () => {
    const stage = { stage: 'oxide', unit: 'USD', made: { CHN: [90, 80], USA: [6, 10], JPN: [3, 5], FRA: [1, 5], NONE: [0, 0] } }
    const makers = makersOf(stage, [{ id: 'CHN', name: 'China', lat: 1, lon: 1 }], 2, 1)
    expect(makers.map((one) => [one.region, one.name, one.made[1]])).toEqual([['CHN', 'China', 80], ['other', 'Other', 20]])
    expect(wholeOf(makers, 0)).toBe(100)
    expect([0, 0.01, 0.02, 0.2, 0.3, 0.9].map(shareClass)).toEqual([0, 1, 2, 3, 4, 5])
  })

  it('says which lanes are cut', () => {
    const [lane, alone] = pairedLanes(
      [{ from: 'CHN', to: 'JPN', flow: [9, 8] }, { from: 'CHN', to: 'USA', flow: [1, 1] }],
      [{ from: 'CHN', to: 'JPN', flow: [10, 10] }],
    )
    expect([isCut(lane, 0), isCut(lane, 1), isCut(alone, 0)]).toEqual([false, true, false])
  })

  it('has colours of its own for the large makers, one for Europe, muted ones for others', () => {
    expect(['CHN', 'DEU', 'ROW', 'stock'].map(colourName)).toEqual(['cCHN', 'cEUR', 'other', 'stock'])
    expect(colourName('THA')).toMatch(/^c[1-5]$/)
    expect([legendOf('CHN', 'China'), legendOf('FRA', 'France'), legendOf('THA', 'Thailand')]).toEqual(['China', 'Europe', ''])
  })
})
