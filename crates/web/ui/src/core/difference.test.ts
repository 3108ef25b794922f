import { describe, expect, it } from 'vitest'
import { chosen, differing, differingCsv, nextScenario, regionLosses, totalsCsv } from './compare'
import type { Demand, Model, View } from './contract'
import { changeOf, demandDifferences, firstDefence, laterText } from './difference'

function demand(id: string, changed: Partial<Demand> = {}): Demand {
  return {
    id, name: `need ${id}`, region: 'USA', end_use: 'civil', unit: 't', required: [10, 10, 10], met: [10, 10, 10],
    unmet: [0, 0, 0], first: null, late: false, cost: 0, ...changed,
  }
}

function view(scenario: string, demands: Demand[], changed: Partial<View> = {}): View {
  return {
    view: 1, model: 'M', model_hash: '', scenario, scenario_id: scenario, scenario_hash: '', story: '', foresight: 'announced',
    preview: false, without: null, currency: 'USD', version: '', command: null, objective: 100e6, unmet_value: 10e6,
    calendar: { unit: 'month', days: ['2025-01-01', '2025-02-01', '2025-03-01'], end: '2025-04-01', read: 2 },
    headline: { text: 'x', strong: [] }, key: [], regions: [{ id: 'USA', name: 'United States', lat: 0, lon: 0 }],
    demands, policies: [], events: [], stages: [], trade: [], flows: [], losses: [], chokepoints: null, ...changed,
  }
}

const before = view('a', [
  demand('x', { first: '2026-01-01', unmet: [1, 2, 90], cost: 1e6 }),
  demand('y', { end_use: 'military', first: '2026-03-01', cost: 5e6 }),
  demand('same', { first: '2025-01-01', cost: 1e6 }),
  demand('gone'),
])
const after = view('b', [
  demand('x', { first: '2026-04-01', unmet: [0, 2, 0], met: [10, 8, 10], cost: 5e5 }),
  demand('y', { end_use: 'military', cost: 0 }),
  demand('same', { first: '2025-01-01', cost: 1e6 + 1 }),
], { losses: [{ region: 'USA', civil: 3, military: 4, duties: 100 }], unmet_value: 4e6 })

describe('differences', () => {
  it('lists demands that differ, by size of the change in cost, over the readable time only', () => {
    const list = demandDifferences(before, after)
    expect(list.map((one) => [one.id, one.cost])).toEqual([['y', -5e6], ['x', -5e5]])
    expect(list[1]).toMatchObject({ firstBefore: '2026-01-01', firstAfter: '2026-04-01', unmetBefore: 3, unmetAfter: 2 })
    expect(demandDifferences(before, before)).toEqual([])
  })
  it('takes the noise of a solver for no change', () => {
    expect(changeOf(1e9, 1e9 + 10)).toBe(0)
    expect(changeOf(1e9, 1.1e9)).toBe(1e8)
    expect(changeOf(0, 0)).toBe(0)
  })
  it('says when the first shortage moves', () => {
    expect(laterText('2026-01-01', '2026-03-01')).toBe('2 months later')
    expect(laterText('2026-01-01', '2025-12-01')).toBe('1 month earlier')
    expect(laterText(null, '2026-03-01')).toBe('newly short')
    expect(laterText('2026-03-01', null)).toBe('never short')
    expect(laterText(null, null)).toBe('no change')
  })
  it('finds the first defence need short', () => {
    expect(firstDefence(before)?.id).toBe('y')
    expect(firstDefence(after)).toBeNull()
  })
})

describe('compare', () => {
  const model = { default_scenario: 'b', scenarios: ['a', 'b', 'c'].map((id) => ({ id, name: id, story: '' })) } as Model
  it('compares at least two scenarios that the model has, each once', () => {
    expect(chosen(model, [], 'c')).toEqual(['c', 'b'])
    expect(chosen(model, ['b', 'b', 'zz'], '')).toEqual(['b', 'a'])
    expect(chosen(model, ['c', 'a', 'b'], '')).toEqual(['c', 'a', 'b'])
    expect(nextScenario(model, ['a', 'b'])).toBe('c')
    expect(nextScenario(model, ['a', 'b', 'c'])).toBeNull()
  })
  it('finds what differs most', () => {
    const rows = differing([before, after])
    expect(rows.map((row) => row.id)).toEqual(['y', 'x'])
    expect(differing([before])).toEqual([])
    expect(differingCsv(rows, [before, after]).split('\r\n')[1]).toBe('y,need y,a,2025-01-01,10,10,0,1')
  })
  it('sums losses by region without duties', () => {
    expect(regionLosses([before, after])).toEqual([{ id: 'USA', name: 'United States', values: [0, 7] }])
  })
  it('writes the totals as they are, with differences to the first', () => {
    expect(totalsCsv([before, after]).split('\r\n')[2]).toBe('b,x,,,never short,4000000,-6000000,100000000,0,USD')
  })
})
