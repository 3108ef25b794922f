// The tables of a bargain, as they are shown under its figures and exported: figures as they are, unrounded.
import { gainsOf, levelsOf, marksOf, nameOf, type Fact } from './bargain'
import type { Bargain } from './contract'
import type { Cell, Table } from './csv'

const each = (found: Bargain, what: string) => found.players.map(({ id }) => `${what}_${id}`)

/** Every combination, with what each player gets and gains. */
export function matrixTable(found: Bargain): Table {
  const marks = marksOf(found)
  const unknown = found.players.map(() => null)
  return {
    header: ['combination', ...found.levers.map(({ id }) => id), ...each(found, 'payoff'), ...each(found, 'gain'), 'no_deal', 'equilibrium', 'positions'],
    rows: found.payoffs.map((payoffs, cell) => {
      const { noDeal, stable, positions } = marks(cell)
      return [
        cell, ...levelsOf(found, cell).map((level, lever) => found.levers[lever].levels[level].id), ...(payoffs ?? unknown), ...(gainsOf(found, cell) ?? unknown),
        noDeal ? 'yes' : 'no', stable ? 'yes' : 'no', positions.map((at) => found.positions[at].id).join(' '),
      ]
    }),
  }
}

/** The frontier, what rules say and positions, with what each player gains. */
export function dealTable(found: Bargain): Table {
  const row = (kind: string, id: string, share: Cell, cell: number, gains: number[] | null): Cell[] =>
    [kind, id, share, cell, nameOf(found, cell), ...(gains ?? found.players.map(() => null))]
  return {
    header: ['kind', 'which', 'share', 'combination', 'packages', ...each(found, 'gain')],
    rows: [
      ...(found.deals?.frontier ?? []).map((one) => row('frontier', '', 1, one.cell, one.gains)),
      ...(found.deals?.points ?? []).flatMap(({ rule, deal }) => deal.mix.map((one) => row('rule', rule, one.share.text, one.cell, deal.gains))),
      ...found.positions.map(({ id, combination }) => row('position', id, 1, combination.cell, combination.gains)),
      row('no deal', '', 1, found.no_deal.cell, found.no_deal.gains),
    ],
  }
}

/** A combination: the level of each lever, and what each player gets. */
export function packageTable(found: Bargain, cell: number): Table {
  const gains = gainsOf(found, cell)
  return {
    header: ['kind', 'id', 'level', 'payoff', 'gain'],
    rows: [
      ...levelsOf(found, cell).map((level, lever): Cell[] => ['lever', found.levers[lever].id, found.levers[lever].levels[level].id, null, null]),
      ...found.players.map(({ id }, player): Cell[] => ['player', id, null, found.payoffs[cell]?.[player], gains?.[player]]),
    ],
  }
}

const hands = (found: Bargain) => [{ date: found.talks, months: found.months, hands: found.ledger }, ...found.decay]

/** What each lever costs each player from each day on, alone, last and as its share. */
export const ledgerTable = (found: Bargain): Table => ({
  header: ['from', 'months', 'others', 'of', 'lever', 'on', 'alone', 'last', 'share'],
  rows: hands(found).flatMap(({ date, months, hands }) =>
    hands.flatMap((hand) =>
      ([['mildest', hand.alone], ['no deal', hand.in_no_deal]] as const).flatMap(([others, costs]) =>
        !costs ? [] : found.players.flatMap(({ id }, on): Cell[][] => [
          ...costs.levers.map((one): Cell[] =>
            [date, months, others, found.players[hand.player].id, found.levers[one.lever].id, id, one.alone[on], one.last[on], one.share?.[on]]),
          [date, months, others, found.players[hand.player].id, 'together', id, costs.together[on], costs.together[on], costs.together[on]],
        ]),
      ),
    ),
  ),
})

/** What levers cost by date, and until when they cost half of what they cost at first. */
export const fadeTable = (found: Bargain): Table => ({
  header: ['of', 'lever', 'on', 'from', 'cost', 'half', 'half_until', 'beyond_own', 'beyond_own_until'],
  rows: found.fades.flatMap(({ player, lever, on, costs, half, beyond_own }) =>
    costs.map(([date, cost]): Cell[] => [
      found.players[player].id, lever === null ? 'together' : found.levers[lever].id, found.players[on].id, date, cost,
      half.state, half.state === 'until' ? half.date : null, beyond_own.state, beyond_own.state === 'until' ? beyond_own.date : null,
    ]),
  ),
})

/** What it takes to keep what is agreed. */
export const truceTable = (found: Bargain): Table => ({
  header: ['agreement', 'player', 'least_patience', 'exact', 'rate_per_year', 'has_patience', 'words'],
  rows: (found.truce?.agreements ?? []).flatMap(({ position, terms }) =>
    terms.map(({ player, keeps }): Cell[] => [
      position ?? 'agreed', found.players[player].id, keeps.least, keeps.exact?.text, keeps.rate_per_year,
      found.patience.find((one) => one.player === player)?.patience?.value, keeps.words,
    ]),
  ),
})

export const factTable = (facts: Fact[]): Table => ({
  header: ['what', 'value', 'note'],
  rows: facts.map(({ label, value, note }) => [label, value, note]),
})
