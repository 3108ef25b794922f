import { describe, expect, it } from 'vitest'
import type { Plan, PlanOutcome } from './contract'
import { tableCsv } from './csv'
import { span } from './marks'
import {
  basis, curves, entryTable, frontierTable, matrix, pointLines, portfolioTable, regrets, regretTable, rows, sentence, worths, worthTable,
} from './mitigation'

const point = (budget: number, spent: number, loss: number, next: number | null, shares: number[]): PlanOutcome => ({
  budget, spent, expected_loss: 1e9 - loss, cvar: 2e9 - 3 * loss, less_expected: loss, less_cvar: 3 * loss, next_unit: next,
  shares: [['line', shares[0]], ['pile, large', shares[1]], ['redesign', 0]],
})
const found: Plan = {
  format: 1, name: 'Motors', currency: 'USD', futures: 12, options: 3, weight: 0.5, level: 0.9,
  nothing: point(0, 0, 0, null, [0, 0]), plan: point(30e6, 20e6, 160e6, null, [1, 0.25]),
  saves: 100e6, gap: 1e6, gap_of_savings: 0.01,
  items: [
    { id: 'line', name: 'a second line', share: 1, amount: 400, unit: 'units of activity a year', money: 12e6, ready: '2027-01-01', buys: 90e6, needed: false },
    { id: 'pile, large', name: 'a pile', share: 0.25, amount: 50, unit: 't', money: 8e6, ready: '2026-03-01', buys: null, needed: true },
  ],
  shadow_price: 0,
  frontier: [point(5e6, 5e6, 40e6, 7, [0, 0.2]), point(30e6, 20e6, 160e6, 0.5, [1, 0.25])],
  entry: [{ id: 'pile, large', name: 'a pile', budget: 5e6, share: 0.2 }, { id: 'line', name: 'a second line', budget: 30e6, share: 1 }],
  values: { stochastic_solution: null, perfect_information: 3e6, waiting: -50e6, wait_months: 6 },
  regret: [
    { future: 'sample 1', probability: 0.5, best: 1e8, plan: 1.1e8, nothing: 4e8, middle: null, plan_regret: 1e7, nothing_regret: 3e8, middle_regret: null },
    { future: 'sample 2', probability: 0.5, best: 0, plan: 2e7, nothing: 0, middle: null, plan_regret: 2e7, nothing_regret: 0, middle_regret: null },
  ],
  rounds: 4, cuts: 30, stopped: false,
}
const unmeetable = (one: PlanOutcome): PlanOutcome => ({ ...one, less_expected: null, less_cvar: null })
const required: Plan = {
  ...found, nothing: { ...unmeetable(found.nothing), expected_loss: null, cvar: null }, plan: unmeetable(found.plan),
  frontier: found.frontier.map(unmeetable), gap_of_savings: null, saves: null,
}
const bare: Plan = { ...found, frontier: [], entry: [], values: null, regret: [], shadow_price: null }

describe('words', () => {
  it('answers in a sentence', () => {
    const said = sentence(found)
    expect(said.text).toBe('Of $30\u00a0m, $20\u00a0m is spent: expected losses are $160\u00a0m less, and $480\u00a0m less in the worst 10% of futures.')
    expect(said.strong.every((part) => said.text.includes(part))).toBe(true)
    expect(sentence({ ...found, items: [] }).text).toBe('With $30\u00a0m it is best to do nothing: no option is worth its money.')
    expect(sentence(required).text).toBe('Of $30\u00a0m, $20\u00a0m is spent: doing nothing misses a requirement.')
  })

  it('says how far a better plan may be, and that it was stopped', () => {
    expect(basis(found)).toMatch(/^3 options, decided once for 12 futures\. .* by \$1\u00a0m at most, 1\.00% of what this one saves\.$/)
    expect(basis(required)).toMatch(/at most\.$/)
    expect(basis({ ...found, gap: null, stopped: true })).toMatch(/better by unknown at most.* stopped early/)
  })

  it('tells each budget and what is new in it', () => {
    expect(pointLines(found, found.frontier[0])).toEqual([
      'Budget $5\u00a0m', '$5\u00a0m is spent', 'expected losses $40\u00a0m less', '$120\u00a0m less in the worst 10% of futures',
      'each dollar more has saved 7', 'new: a pile',
    ])
    const lines = pointLines({ ...required, entry: [], currency: 'EUR' }, { ...required.frontier[0], next_unit: null })
    expect(lines).toEqual(['Budget €5\u00a0m', '€5\u00a0m is spent', 'expected losses €960\u00a0m', '€1.9\u00a0bn in the worst 10% of futures'])
  })

  it('tells what knowing and waiting is worth, as far as it was asked', () => {
    expect(worths(found).map(({ label, value }) => `${label}: ${value}`)).toEqual([
      'One more dollar: $0', 'To plan for all futures: not possible otherwise', 'To know which one comes: $3\u00a0m',
      'To wait 6 months and then know: \u2212$50\u00a0m',
    ])
    expect(worths(found)[3].note).toBe('it costs more than knowing is worth')
    expect(worths(bare)).toEqual([])
    const now = { ...found, values: { ...found.values!, stochastic_solution: 4e6, waiting: null, wait_months: null } }
    expect(worths(now).map(({ figure }) => figure)).toEqual([0, 4e6, 3e6])
  })
})

describe('drawings', () => {
  it('measures money and what it buys against the largest of its kind', () => {
    const [line, pile] = rows(found)
    expect([line.paid, line.bought, pile.paid, pile.bought]).toEqual([1, 1, 8 / 12, 0])
    expect([line.small, pile.small]).toEqual(['all of it, there from 1 Jan 2027', '50\u00a0t, there from 1 Mar 2026'])
    expect([line.name, line.buys, pile.buys]).toEqual(['A second line', '$90\u00a0m', 'required'])
    const unknown = { ...found, items: [{ ...found.items[0], buys: -1e5 }, { ...found.items[1], needed: false }] }
    expect(rows(unknown).map(({ buys, bought }) => [buys, bought])).toEqual([['\u2212$100\u00a0k', 0], ['unknown', 0]])
  })

  it('draws by how much losses are less, or what they are where nothing cannot be done', () => {
    const [worst, expected] = curves(found).lines
    expect(expected.points).toEqual([{ at: 0, value: 0 }, { at: 5e6, value: 40e6 }, { at: 30e6, value: 160e6 }])
    expect(worst.points.map(({ value }) => value)).toEqual([0, 120e6, 480e6])
    const absolute = curves(required)
    expect(absolute.less).toBe(false)
    expect(absolute.lines[1].points).toEqual([{ at: 5e6, value: 960e6 }, { at: 30e6, value: 840e6 }])
    // Nothing is among the budgets already.
    const zero = { ...found, frontier: [found.nothing, ...found.frontier] }
    expect(curves(zero).lines[1].points.length).toBe(3)
    expect(curves(bare).lines.map(({ points }) => points.length)).toEqual([0, 0])
  })

  it('has round marks that hold all values', () => {
    expect(span([0, 47])).toEqual([0, 10, 20, 30, 40, 50])
    expect(span([840, 960])).toEqual([800, 850, 900, 950, 1000])
    expect(span([-3, 7])).toEqual([-4, -2, 0, 2, 4, 6, 8])
    expect(span([0])).toEqual([0, 0.2])
    expect(span([5])).toEqual([5, 6])
  })

  it('has an option in at each budget that its share is in', () => {
    expect(matrix(found)).toEqual([
      { id: 'pile, large', name: 'A pile', shares: [0.2, 0.25] },
      { id: 'line', name: 'A second line', shares: [0, 1] },
    ])
  })

  it('leaves out decisions that no future is known of', () => {
    expect(regrets(found).map(({ name, most }) => [name, most?.future, most?.value])).toEqual([
      ['This plan', 'sample 2', 2e7], ['Nothing done', 'sample 1', 3e8],
    ])
    expect(regrets(bare)).toEqual([])
  })
})

describe('tables', () => {
  it('have the figures as they are', () => {
    expect(tableCsv(portfolioTable(found)).split('\r\n').slice(0, 3)).toEqual([
      'option,name,share,amount,unit,money,ready,buys,needed', 'line,a second line,1,400,units of activity a year,12000000,2027-01-01,90000000,no',
      '"pile, large",a pile,0.25,50,t,8000000,2026-03-01,,yes',
    ])
    expect(frontierTable(required).rows[0]).toEqual([5e6, 5e6, 960e6, 1880e6, null, null, 7])
    expect(entryTable(found)).toEqual({
      header: ['option', 'name', 'share_at_5000000', 'share_at_30000000'], rows: [['pile, large', 'a pile', 0.2, 0.25], ['line', 'a second line', 0, 1]],
    })
    expect(worthTable(found).rows[3]).toEqual(['To wait 6 months and then know', -50e6])
    expect(regretTable(found).rows.map((row) => [row[0], row[2], row[4]])).toEqual([['sample 2', 2e7, null], ['sample 1', 1e7, null]])
  })
})
