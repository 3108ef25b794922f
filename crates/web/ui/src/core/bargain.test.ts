import { describe, expect, it } from 'vitest'
import {
  alongFrontier, axesOf, basis, cellLines, chosen, dealFacts, dotsOf, figuresOf, gainsOf, gameFacts, kept, levelsOf, marksOf, named, nearest, positionFacts,
  shade, sliceOf, stepIn, truceLines, withLevel,
} from './bargain'
import { dealTable, ledgerTable, matrixTable, packageTable, truceTable } from './bargaintables'
import type { Bargain, Combination } from './contract'
import { csv } from './csv'

// Chips (off, on) against licences (off, civil, on), and a bystander. A combination's number is chips + 2 x licences; no deal is 5.
const payoffs: Bargain['payoffs'] = [[8e9, 6e9, 1e9], [9e9, 2e9, 1e9], [6e9, 6e9, 0], [7e9, 3e9, 0], null, [4e9, 3e9, -1e9]]
const words = ['off; no lever', 'on; no lever', 'off; civil', 'on; civil', 'off; on', 'on; on']
const combination = (cell: number): Combination => ({
  cell, levels: [cell % 2, Math.floor(cell / 2)], name: words[cell], payoffs: payoffs[cell],
  gains: payoffs[cell] && payoffs[cell]!.map((value, player) => value - payoffs[5]![player]),
})
const exact = (text: string, value: number) => ({ text, value })
const one = exact('1', 1)
const keeps = (least: number | null) => ({ least, exact: null, rate_per_year: null, words: least === null ? 'none is enough' : `from ${least} on` })
const costs = (levers: number[], sign: number) => ({
  levers: levers.map((lever) => ({ lever, alone: [sign, -sign, 0], last: [2 * sign, 0, 0], share: [1.5 * sign, 0, 0] })),
  together: [sign, -sign, 0], apart: [sign, -sign, 0], interaction: [0, 0, 0],
})

const found: Bargain = {
  format: 1, name: 'chips, magnets', headline: 'A deal.', currency: 'USD', talks: '2025-10-25', months: 24, round_to: 1e6, model: 'm', scenario: 's', hash: 'h', command: 'c',
  players: [
    { id: 'us', name: 'United States', levers: [0], bystander: false }, { id: 'cn', name: 'China', levers: [1], bystander: false },
    { id: 'jp', name: 'Japan', levers: [], bystander: true },
  ],
  levers: [
    { id: 'chips', name: 'Chips', by: 0, levels: [{ id: 'off', name: 'off' }, { id: 'on', name: 'on' }], place: 1, source: null },
    { id: 'licences', name: 'Licences', by: 1, levels: [{ id: 'off', name: 'off' }, { id: 'civil', name: 'civil' }, { id: 'on', name: 'on' }], place: 2, source: null },
  ],
  sides: [
    { player: 0, packages: [{ levels: [0], name: 'no lever', cell: 0 }, { levels: [1], name: 'Chips', cell: 1 }] },
    { player: 1, packages: [{ levels: [0], name: 'no lever', cell: 0 }, { levels: [1], name: 'Licences: civil', cell: 2 }, { levels: [2], name: 'Licences', cell: 4 }] },
  ],
  runs: { cells: 6, known: 5, programs: 4, drawn: false },
  payoffs, no_deal: combination(5),
  positions: [
    { id: 'june', name: 'June', of: 1, date: '2025-06-10', source: 'CN-1', note: null, combination: combination(2), acceptable: true, shortfall: [0, 0, 0], can_be_paid_for: true, on_frontier: false, additions: [] },
    {
      id: 'october', name: 'October', of: 0, date: null, source: null, note: null, combination: combination(1), acceptable: false, shortfall: [0, 1e9, 0], can_be_paid_for: true,
      on_frontier: true, additions: [{ adds: [{ by: 0, from: 1, lever: 0, level: 0 }], combination: combination(0) }],
    },
  ],
  ledger: [{ player: 0, alone: costs([0], -1e9), in_no_deal: null }, { player: 1, alone: costs([1], 2e9), in_no_deal: null }],
  decay: [], fades: [], lasts: [{ player: 0, lever: null, days: 73.6, throughout: false }],
  game: {
    row: 0, column: 1, same: [[[0], [1]], [[0], [1], [2]]], dominance: [{ round: 1, player: 0, package: 0, by: [{ package: 1, share: one }], margin: 1e9 }],
    equilibria: [
      { row: [{ package: 1, share: one }], column: [{ package: 2, share: one }], cell: 5, payoffs: [4e9, 3e9, -1e9] },
      { row: [{ package: 1, share: one }], column: [{ package: 1, share: exact('1/3', 1 / 3) }, { package: 2, share: exact('2/3', 2 / 3) }], cell: null, payoffs: [5e9, 3e9, -1e9] },
    ],
    components: [{ equilibria: [0, 1], pieces: [{ row: 'Chips', column: 'Licences or civil' }], payoffs: [[4e9, 5e9], [3e9, 3e9]] }], too_large: null,
  },
  no_game: null,
  draws: { samples: 8, counted: 8, outcomes: [{ cell: 5, equilibrium: 7, only: 6 }], none: 1 },
  threats: [{ player: 1, other: 0, costs_own: 3e8, carried_out: 'no', given_in: 'no' }],
  deals: {
    frontier: [combination(1), combination(0)], acceptable: 4,
    points: [
      { rule: 'nash', deal: { mix: [{ cell: 0, name: words[0], share: one }], payoffs: [8e9, 6e9, 1e9], gains: [4e9, 3e9, 2e9], exact: true } },
      {
        rule: 'egalitarian',
        deal: { mix: [{ cell: 0, name: '', share: exact('1/2', 0.5) }, { cell: 2, name: '', share: exact('1/2', 0.5) }], payoffs: [7e9, 6e9, 0.5e9], gains: [3e9, 3e9, 1.5e9], exact: true },
      },
    ],
    payments: { surplus: 7e9, gains: [3.5e9, 3.5e9, 2e9], ways: [{ combination: combination(0), paid: [-5e8, 5e8, 0] }] }, problems: [],
  },
  constraints: [{ id: 'none', name: 'Chips stay', source: null, left: 3, prices: [{ rule: 'nash', bound: null, lost: [4e9, 3e9, 2e9] }] }],
  truce: {
    round_months: 3, renewal: 0.8, answered_after: 1,
    agreements: [
      { position: null, combination: combination(0), terms: [{ player: 0, keeps: keeps(0.2) }, { player: 1, keeps: keeps(0.75) }] },
      { position: 'june', combination: combination(2), terms: [{ player: 0, keeps: keeps(null) }] },
    ],
    linkage: null,
  },
  patience: [{ player: 0, days: 73.6, throughout: false, patience: exact('37/50', 0.74) }],
  offers: [{ first: 0, shares: [exact('1/4', 0.25), exact('3/4', 0.75)] }],
  doubt: ['one was not run'],
}

describe('combinations', () => {
  it('are numbered by the levels of their levers', () => {
    expect(found.payoffs.map((_, cell) => levelsOf(found, cell))).toEqual([[0, 0], [1, 0], [0, 1], [1, 1], [0, 2], [1, 2]])
    expect(withLevel(found, 5, 1, 0)).toBe(1)
    expect(withLevel(found, 5, 0, 0)).toBe(4)
  })

  it('gain against no deal, and nothing is known of what was not run', () => {
    expect(gainsOf(found, 1)).toEqual([5e9, -1e9, 2e9])
    expect(gainsOf(found, 4)).toBeNull()
    expect(cellLines(found, 1)).toEqual(['United States: Chips; China: no lever', 'October', 'United States gains $5\u00a0bn', 'China loses $1\u00a0bn', 'Japan gains $2\u00a0bn'])
    expect(cellLines(found, 4).at(-1)).toBe('not run')
    expect(cellLines(found, 5).slice(1, 3)).toEqual(['no deal', 'an equilibrium without talks'])
  })

  it('stand in rows and columns, and the rest stands still', () => {
    const slice = sliceOf(found, 3)
    expect(slice.cells).toEqual([[0, 2, 4], [1, 3, 5]])
    expect([slice.row, slice.column]).toEqual([1, 1])
    expect([stepIn(slice, 1, 1, 'ArrowUp'), stepIn(slice, 1, 1, 'ArrowRight'), stepIn(slice, 1, 1, 'ArrowDown'), stepIn(slice, 0, 0, 'ArrowLeft'), stepIn(slice, 0, 0, 'x')]).toEqual([[0, 1], [1, 2], null, null, null])
    // A third side is as in the combination that is looked at; one side alone has one column.
    const third = { ...found, sides: [found.sides[0]] }
    expect(sliceOf(third, 3).cells).toEqual([[2], [3]])
    expect(sliceOf({ ...found, sides: [] }, 3).cells).toEqual([])
  })

  it('are looked at by number, else by the last position, else no deal', () => {
    expect([chosen(found, 3), chosen(found, 6), chosen(found, null), chosen({ ...found, positions: [] }, null)]).toEqual([3, 1, 1, 5])
    expect(named(found)).toEqual([{ name: 'No deal', cell: 5 }, { name: 'June', cell: 2 }, { name: 'October', cell: 1 }, { name: 'Nash', cell: 0 }])
  })
})

describe('drawings', () => {
  it('have shades by sign and size', () => {
    expect(shade(0, 5)).toEqual({ fill: 'var(--accent)', opacity: 0 })
    expect(shade(-5, 5)).toEqual({ fill: 'var(--cCHN)', opacity: 0.55 })
    expect(shade(5, 5).opacity).toBeCloseTo(0.55)
  })

  it('have figures of one size, with the unit told once', () => {
    const billions = figuresOf([4e9, -12e9, 3e8], 'USD')
    expect([billions.unit, billions.text(-12e9), billions.text(4.4e9), billions.text(-1e8)]).toEqual(['$ bn', '\u221212', '4', '0'])
    const millions = figuresOf([4e6, -1.25e6], 'CNY')
    expect([millions.unit, millions.text(4e6), millions.text(-1.25e6)]).toEqual(['m CNY', '4.0', '\u22121.3'])
    expect(figuresOf([], 'USD').text(0)).toBe('0.0')
  })

  it('snap to the nearest combination, and hold the one they have', () => {
    const dots = dotsOf(found)
    expect(dots.map(({ cell }) => cell)).toEqual([0, 1, 2, 3, 5])
    expect(axesOf(found)).toEqual([0, 1])
    expect(nearest(dots, (dot) => Math.abs(dot.x - 4.9e9), 3)?.cell).toBe(1)
    expect(nearest([{ cell: 1, x: 0, y: 0 }, { cell: 2, x: 0, y: 0 }], () => 0, 2)?.cell).toBe(2)
    expect(nearest([], () => 0, 2)).toBeNull()
  })

  it('move along the frontier by what the first side gains', () => {
    expect([alongFrontier(found, 3, 1), alongFrontier(found, 3, -1), alongFrontier(found, 0, 1), alongFrontier(found, 1, 1), alongFrontier(found, 1, -1)]).toEqual([0, null, 1, null, 0])
    // From one that was not run it begins at an end.
    expect([alongFrontier(found, 4, 1), alongFrontier(found, 4, -1)]).toEqual([0, 1])
  })
})

describe('words', () => {
  it('say what it stands on', () => {
    expect(basis(found)).toContain('6 combinations of levers, 5 known, from 4 runs')
    expect(basis({ ...found, runs: { cells: 6, known: 6, programs: 6, drawn: false } })).toContain('all known')
    expect(basis({ ...found, runs: { ...found.runs, drawn: true } })).toContain('drawn at random: 5 known')
  })

  it('say what both do without talks', () => {
    const facts = gameFacts(found)
    expect(facts.map(({ label }) => label)).toEqual(['Equilibrium', 'Equilibrium in mixes', 'China threatens United States', 'Struck out, round 1'])
    expect(facts[0].note).toContain('7 of 8 draws')
    expect(facts[0].note).toContain('one end of a set of equilibria: Chips with Licences or civil')
    expect(facts[1].value).toBe('United States: Chips; China: 1/3 × Licences: civil + 2/3 × Licences')
    expect(facts[3]).toMatchObject({ value: 'United States: no lever', note: 'Chips is better by $1\u00a0bn at least' })
    expect(facts[2]).toMatchObject({ value: 'It would not', note: expect.stringContaining('costs it $300\u00a0m') })
    expect(gameFacts({ ...found, game: null })).toEqual([])
    // Where two packages are the same to everybody, each of them is an equilibrium.
    const twins = { ...found, game: { ...found.game!, same: [[[0, 1]], [[0], [1], [2]]] as [number[][], number[][]] } }
    expect(gameFacts(twins)[0].note).toContain('so is what else gives everybody the same (1 combination)')
    expect([marksOf(twins)(4).stable, marksOf(twins)(5).stable, marksOf(found)(4).stable]).toEqual([true, true, false])
  })

  it('say what rules pick, what is paid and what a constraint costs', () => {
    const facts = dealFacts(found)
    expect(facts[0]).toMatchObject({ label: 'Nash', cell: 0 })
    expect(facts[1].value).toContain('1/2 × (')
    expect(facts[1].cell).toBeUndefined()
    expect(facts[2].note).toBe('together gains $7\u00a0bn, United States pays $500\u00a0m, China is paid $500\u00a0m')
    expect(dealFacts({ ...found, deals: null })).toEqual([{ label: 'Unknown', value: '', note: 'No deal was not run.' }])
    expect(facts[3]).toMatchObject({ value: 'Nothing is agreed', note: 'price: United States \u2212$4\u00a0bn, China \u2212$3\u00a0bn, Japan \u2212$2\u00a0bn' })
  })

  it('say who would not accept a position, and what would change that', () => {
    const [june, october] = positionFacts(found)
    expect(june).toMatchObject({ label: '1  June, 10 Jun 2025', value: 'No side loses by it' })
    expect(october.note).toContain('China would have to be given $1\u00a0bn; the smallest addition that would do: Chips: off')
  })

  it('say what it takes to keep it', () => {
    expect(kept(found).map(({ agreement, name, keeps, has }) => [agreement, name, keeps.least, has])).toEqual([
      ['What is agreed', 'United States', 0.2, 0.74], ['What is agreed', 'China', 0.75, null], ['June', 'United States', null, 0.74],
    ])
    expect(truceLines(found)).toEqual([
      'Rounds of 3 months, renewed with a chance of 80%; a breach is answered after 1 round.',
      'If United States offers first, offers in turn divide what is gained as 25% for United States and 75% for China.',
      'Without a deal the needs of United States are met for 74 days.',
    ])
  })
})

describe('tables', () => {
  it('have all combinations, those that were not run without figures', () => {
    const { header, rows } = matrixTable(found)
    expect(header).toEqual(['combination', 'chips', 'licences', 'payoff_us', 'payoff_cn', 'payoff_jp', 'gain_us', 'gain_cn', 'gain_jp', 'no_deal', 'equilibrium', 'positions'])
    expect(rows[1]).toEqual([1, 'on', 'off', 9e9, 2e9, 1e9, 5e9, -1e9, 2e9, 'no', 'no', 'october'])
    expect(rows[4].slice(3, 9)).toEqual([null, null, null, null, null, null])
    expect(csv(header, rows).split('\r\n')[6]).toBe('5,on,on,4000000000,3000000000,-1000000000,0,0,0,yes,yes,')
  })

  it('have what deals give, what levers cost and what keeping takes', () => {
    expect(dealTable(found).rows.map(([kind, which, share, cell]) => [kind, which, share, cell])).toEqual([
      ['frontier', '', 1, 1], ['frontier', '', 1, 0], ['rule', 'nash', '1', 0], ['rule', 'egalitarian', '1/2', 0], ['rule', 'egalitarian', '1/2', 2],
      ['position', 'june', 1, 2], ['position', 'october', 1, 1], ['no deal', '', 1, 5],
    ])
    expect(packageTable(found, 4).rows).toEqual([
      ['lever', 'chips', 'off', null, null], ['lever', 'licences', 'on', null, null], ['player', 'us', null, undefined, undefined],
      ['player', 'cn', null, undefined, undefined], ['player', 'jp', null, undefined, undefined],
    ])
    expect(ledgerTable(found).rows).toHaveLength(2 * 3 * 2)
    expect(ledgerTable(found).rows[0]).toEqual(['2025-10-25', 24, 'mildest', 'us', 'chips', 'us', -1e9, -2e9, -1.5e9])
    expect(truceTable(found).rows[1]).toEqual(['agreed', 'cn', 0.75, undefined, null, undefined, 'from 0.75 on'])
  })
})
