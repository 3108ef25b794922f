import { describe, expect, it } from 'vitest'
import type { EnsembleAbout, Futures, Known } from './contract'
import {
  basis, between, conditionTable, conditionText, dateTable, fanPath, fanTable, losses, needBars, needTable, quantileLines, sentence,
  unknownBars, unknownTable,
} from './futures'
import { tableCsv } from './csv'
import { percent } from './format'
import { marks } from './marks'

const known = (value: number | null, low: number | null = null, high: number | null = null): Known => ({ value, low, high })
const nothing = known(null)

const found: Futures = {
  name: 'Will there be magnets?', model: 'Magnets', scenario: 'Truce', currency: 'USD', samples: 1000, no_model: 0, stopped: 0, why: null,
  confidence: 0.95, alpha: 0.95, demand: null, demand_name: null, by: null, short: known(0.5, 0.469, 0.531),
  by_date: [['2026-02-01', known(0, 0, 0.004)], ['2026-03-01', nothing], ['2026-04-01', known(0.5, 0.469, 0.531)]],
  quantiles: [[0.05, known(0, 0, 0)], [0.25, known(0, 0, 0)], [0.5, known(12e6, 0, 229e6)], [0.75, known(502e6, 481e6, 528e6)], [0.95, known(732e6)]],
  mean: 250e6, cvar: known(801e6, 774e6, 826e6),
  fan: [['2026-01-01', [0, 0, 0, 11, 75]], ['2026-02-01', [null, null, null, null, null]]],
  demands: [
    { id: 'motors, small', name: 'motors', short: known(0.5, 0.469, 0.531), mean: 250e6, cvar: null, median_day: '2027-02-01' },
    { id: 'wind', name: 'wind', short: nothing, mean: null, cvar: null, median_day: '2027-03-01' },
  ],
  unknowns: {
    kind: 'indices', rows: 500,
    inputs: [
      { id: 'truce', name: 'extensions', first: known(0.81, 0.71, 0.9), total: known(0.91, 0.8, 1.014) },
      { id: 'stock', name: 'stock', first: known(-0.004, -0.0066, 0.025), total: nothing },
    ],
  },
  conditions: { kind: 'found', boxes: [{ words: 'extensions = 0', density: 0.92, coverage: 0.97, mass: 0.45, samples: 455 }] },
}
const about: EnsembleAbout = {
  id: 'truce', name: '', samples: 4000, model: '', scenario: '', foresight: 'announced', currency: 'USD', demands: [], start: '2026-01-01', end: '2026-04-01',
}

describe('words', () => {
  it('answers in a sentence', () => {
    expect(sentence(found)).toEqual({ text: 'Some need runs short in 50% (47% to 53%) of 1,000 futures.', strong: ['50%'] })
    const asked = { ...found, demand_name: 'motors', by: '2027-04-01', short: known(0.25) }
    expect(sentence(asked).text).toBe('Supply for motors runs short before 1 Apr 2027 in 25% of 1,000 futures.')
    expect(sentence({ ...asked, short: nothing }).text).toBe('How likely it is that supply for motors runs short before 1 Apr 2027 is unknown.')
  })

  it('says what was left out, and why', () => {
    expect(basis(about, found)).toMatch(/Foresight: announced\. .* confidence of 95%\.$/)
    expect(basis(about, { ...found, no_model: 3, stopped: 1, why: 'sites.csv: …' })).toMatch(
      /Left out: 3 samples whose values contradict each other \(sites.csv: …\). Left out: 1 sample without an optimum/,
    )
  })

  it('leaves what is not known unknown', () => {
    expect(between(known(0.5, null, 0.6), percent)).toBe('50%')
    expect(between(nothing, percent)).toBe('unknown')
    const texts = losses({ ...found, mean: null, cvar: nothing }).map(({ value, note }) => `${value}, ${note}`)
    expect(texts).toEqual([
      'unknown, value unmet, at today’s value', '$12\u00a0m, $0 to $229\u00a0m', '$0 to $502\u00a0m, quantiles 25% and 75%',
      '$0 to $732\u00a0m, quantiles 5% and 95%', 'unknown, interval unknown',
    ])
    expect(losses({ ...found, quantiles: [] })[2].value).toBe('unknown')
    expect(quantileLines('2026-02-01', [null, null, null, null, null], 't')[1]).toBe('median unknown')
  })

  it('tells of conditions how often and of how many', () => {
    const { conditions } = found
    if (conditions.kind !== 'found') throw new Error()
    expect(conditionText(conditions.boxes[0])).toBe('Extensions = 0. 92% of the 455 futures with that are short: 97% of all short ones.')
  })
})

describe('the fan', () => {
  const y = (value: number) => 100 - value

  it('is a line at places, or holds from place to place', () => {
    expect(fanPath([1, 2, 3], null, [0, 10, 20], y, false)).toBe('M0.0,99.0L10.0,98.0L20.0,97.0')
    expect(fanPath([1, 2], null, [0, 10, 20], y, true)).toBe('M0.0,99.0L10.0,99.0L10.0,98.0L20.0,98.0')
  })

  it('closes a band along its upper edge', () => {
    expect(fanPath([1, 2], [5, 6], [0, 10], y, false)).toBe('M0.0,99.0L10.0,98.0L10.0,94.0L0.0,95.0Z')
    expect(fanPath([1], [5], [0, 10], y, true)).toBe('M0.0,99.0L10.0,99.0L10.0,95.0L0.0,95.0Z')
  })

  it('has a gap where something is not known', () => {
    expect(fanPath([1, null, 3, 4], null, [0, 10, 20, 30], y, false)).toBe('M0.0,99.0M20.0,97.0L30.0,96.0')
    expect(fanPath([1, 2, 3], [4, null, 6], [0, 10, 20, 30], y, true)).toBe(
      'M0.0,99.0L10.0,99.0L10.0,96.0L0.0,96.0ZM20.0,97.0L30.0,97.0L30.0,94.0L20.0,94.0Z',
    )
    expect(fanPath([null], null, [0], y, false)).toBe('')
  })

  it('has round marks that reach the most', () => {
    expect(marks(0.53)).toEqual([0, 0.2, 0.4, 0.6])
    expect(marks(1)).toEqual([0, 0.2, 0.4, 0.6, 0.8, 1])
    expect(marks(82.5)).toEqual([0, 20, 40, 60, 80, 100])
    expect(marks(0.05)).toEqual([0, 0.01, 0.02, 0.03, 0.04, 0.05])
    expect([marks(0), marks(NaN)]).toEqual([[0, 1], [0, 1]])
  })
})

describe('rankings', () => {
  it('have room for each interval', () => {
    const ranked = unknownBars(found.unknowns)!
    expect([ranked.low, ranked.high]).toEqual([-0.0066, 1.014])
    expect(ranked.bars.map(({ id, value, small }) => [id, value, ...small])).toEqual([
      ['truce', '91%', '81% (71% to 90%) alone · 91% (80% to 101%) with others', '81% alone · 91% with others'],
      ['stock', 'unknown', '0% (\u22121% to 3%) alone · unknown with others', '0% alone · unknown with others'],
    ])
    // The first-order index lies within the total one.
    expect(ranked.bars[0].parts.map((part) => part.known.value)).toEqual([0.91, 0.81])
  })

  it('are of correlations where there are no indices, and of nothing where nothing is known', () => {
    const inputs = [{ id: 'a', name: 'a', correlation: -0.414 }, { id: 'b', name: 'b', correlation: null }]
    const ranked = unknownBars({ kind: 'correlations', inputs })!
    expect([ranked.low, ranked.high, ...ranked.bars.map((bar) => bar.value)]).toEqual([-1, 1, '\u22120.41', 'unknown'])
    expect(ranked.bars.map((bar) => bar.small[0])).toEqual(['the loss falls with it', ''])
    expect([unknownBars({ kind: 'constant' }), unknownBars({ kind: 'unknown', why: '' })]).toEqual([null, null])
  })

  it('are of needs by how likely they are short', () => {
    const { bars, low, high } = needBars(found)
    expect([low, high]).toEqual([0, 1])
    expect(bars.map(({ name, value, small }) => [name, value, small[0]])).toEqual([
      ['Motors', '50%', 'half begin by Feb 2027 · mean loss $250\u00a0m · worst 5% unknown'],
      ['Wind', 'unknown', 'half begin by Mar 2027 · mean loss unknown · worst 5% unknown'],
    ])
  })
})

it('tables have the figures as they are, and nothing where one is not known', () => {
  expect(tableCsv(dateTable(found)).split('\r\n').slice(0, 3)).toEqual(['before,probability,low,high', '2026-02-01,0,0,0.004', '2026-03-01,,,'])
  expect(tableCsv(fanTable(found)).split('\r\n').slice(0, 2)).toEqual(['step,unmet_5,unmet_25,unmet_50,unmet_75,unmet_95', '2026-01-01,0,0,0,11,75'])
  expect(tableCsv(needTable(found)).split('\r\n')[1]).toBe('"motors, small",motors,0.5,0.469,0.531,2027-02-01,250000000,,USD')
  expect(tableCsv(unknownTable(found.unknowns)).split('\r\n')[2]).toBe('stock,stock,-0.004,-0.0066,0.025,,,')
  expect(unknownTable({ kind: 'constant' }).rows).toEqual([])
  expect(tableCsv(conditionTable(found.conditions)).split('\r\n')[1]).toBe('extensions = 0,0.92,0.97,0.45,455')
})
