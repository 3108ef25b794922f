// What a bargain comes to, made ready to be drawn and to be read: combinations and where they lie, what marks them, how one
// moves from one to another, who gains what.
import type { Bargain, BargainPackage, Costs, Equilibrium, Fades, Hand, Keeps, Mixed, Played } from './contract'
import { count, difference, money, percent } from './format'
import { dayLabel } from './time'

export const cash = (found: Bargain, value: number | null) => money(value, found.currency)

/** What the answer stands on. */
export function basis(found: Bargain): string {
  const { cells, known, programs, drawn } = found.runs
  return (
    `Talks on ${dayLabel(found.talks)}, ${count(found.months, 'month')} looked at. ${count(cells, 'combination')} of levers, ` +
    `${drawn ? `drawn at random: ${known} known` : known < cells ? `${known} known` : 'all known'}, from ${count(programs, 'run')}. Gains are against ` +
    `no deal, at today’s value, in steps of ${cash(found, found.round_to)}. Model: ${found.model}. Scenario: ${found.scenario}.`
  )
}

/** The level of each lever in a combination. */
export const levelsOf = (found: Bargain, cell: number) => found.levers.map(({ place, levels }) => Math.floor(cell / place) % levels.length)

/** The same with one lever at another level. */
export const withLevel = (found: Bargain, cell: number, lever: number, level: number) =>
  cell + (level - levelsOf(found, cell)[lever]) * found.levers[lever].place

/** What each player gains against no deal; null where it is not known. */
export function gainsOf(found: Bargain, cell: number): number[] | null {
  const [got, none] = [found.payoffs[cell], found.no_deal.payoffs]
  return got && none && got.map((value, player) => value - none[player])
}

/** The combinations of two sides' packages, the levers of any other side being as in `cell`; a side alone has one column. */
export interface Slice { rows: BargainPackage[]; columns: BargainPackage[]; row: number; column: number; cells: number[][] }

export function sliceOf(found: Bargain, cell: number): Slice {
  const at = levelsOf(found, cell)
  const own = (player: number) => found.players[player].levers.reduce((sum, lever) => sum + at[lever] * found.levers[lever].place, 0)
  const [first, second] = found.sides
  const rows = first?.packages ?? []
  const columns = second?.packages ?? [{ levels: [], name: '', cell: 0 }]
  const held = cell - (first ? own(first.player) : 0) - (second ? own(second.player) : 0)
  const cells = rows.map((row) => columns.map((column) => held + row.cell + column.cell))
  const row = cells.findIndex((line) => line.includes(cell))
  return { rows, columns, cells, row, column: cells[row]?.indexOf(cell) ?? -1 }
}

/** A combination in words: the package of each side. */
export function nameOf(found: Bargain, cell: number): string {
  const at = levelsOf(found, cell)
  return found.sides
    .map(({ player, packages }) => {
      const { name, levers } = found.players[player]
      return `${name}: ${packages.find(({ levels }) => levels.every((level, own) => level === at[levers[own]]))?.name}`
    })
    .join('; ')
}

/** What is marked: no deal, equilibria without mixing, positions by their places in the list. */
export interface Marks { noDeal: boolean; stable: boolean; positions: number[] }

export function marksOf(found: Bargain): (cell: number) => Marks {
  const stable = new Set(found.game?.equilibria?.flatMap((one) => alike(found, one)))
  const none = found.no_deal.cell
  return (cell) => ({
    noDeal: cell === none, stable: stable.has(cell),
    positions: found.positions.flatMap((one, at) => (one.combination.cell === cell ? [at] : [])),
  })
}

/** The combinations of an equilibrium without mixing: its own, and those of packages that give everybody the same. */
function alike({ sides, game }: Bargain, { cell, row, column }: Equilibrium): number[] {
  if (cell === null) return []
  const [rows, columns] = [row, column].map(([{ package: one }], side) =>
    game!.same[side].find((group) => group.includes(one))!.map((each) => sides[side].packages[each].cell))
  return rows.flatMap((one) => columns.map((other) => one + other))
}

export const ruleName = (rule: string) =>
  ({ nash: 'Nash', 'kalai-smorodinsky': 'Kalai–Smorodinsky', egalitarian: 'Egalitarian' })[rule] ?? rule

/** Combinations that have a name: no deal, positions, and what rules pick where they pick one. */
export function named(found: Bargain): { name: string; cell: number }[] {
  return [
    { name: 'No deal', cell: found.no_deal.cell },
    ...found.positions.map(({ name, combination }) => ({ name, cell: combination.cell })),
    ...(found.deals?.points ?? []).filter(({ deal }) => deal.mix.length === 1).map(({ rule, deal }) => ({ name: ruleName(rule), cell: deal.mix[0].cell })),
  ]
}

/** What is looked at where nothing was chosen: the last position, else no deal. A number that is none of the bargain's is nothing. */
export function chosen(found: Bargain, cell: number | null): number {
  return cell !== null && cell < found.payoffs.length ? cell : (found.positions.at(-1)?.combination.cell ?? found.no_deal.cell)
}

/** What a combination says: its packages, and who gains what. */
export function cellLines(found: Bargain, cell: number): string[] {
  const gains = gainsOf(found, cell)
  const { noDeal, stable, positions } = marksOf(found)(cell)
  return [
    nameOf(found, cell),
    ...(noDeal ? ['no deal'] : []), ...(stable ? ['an equilibrium without talks'] : []), ...positions.map((at) => found.positions[at].name),
    ...(gains ? gains.map((gain, player) => `${found.players[player].name} ${gainText(found, gain)}`) : ['not run']),
  ]
}

export function gainText(found: Bargain, gain: number): string {
  return gain === 0 ? 'gains nothing' : `${gain > 0 ? 'gains' : 'loses'} ${cash(found, Math.abs(gain))}`
}

/** A gain as a shade: blue for gains, orange for losses, which stay apart under deuteranopia; no more than half full, so that
 *  figures can be read on it. */
export const shade = (gain: number, most: number) => ({
  fill: `var(--${gain < 0 ? 'cCHN' : 'accent'})`, opacity: gain === 0 ? 0 : 0.06 + 0.49 * (Math.abs(gain) / (most || 1)),
})

/** Figures of one size without their unit, which is told once: thousands, millions or billions. */
export function figuresOf(values: number[], currency: string): { unit: string; text: (value: number) => string } {
  const most = Math.max(0, ...values.map(Math.abs))
  const by = [1e12, 1e9, 1e6, 1e3].find((scale) => most >= scale) ?? 1
  const digits = most / by < 9.95 ? 1 : 0
  return {
    unit: money(by, currency).replace('1', '').replaceAll('\u00a0', ' ').trim(),
    text: (value) => (Number((value / by).toFixed(digits)) || 0).toFixed(digits).replace('-', '\u2212'),
  }
}

/** Where an arrow leads in a matrix; beyond its edge nowhere. */
export function stepIn(slice: Slice, row: number, column: number, key: string): [number, number] | null {
  const [down, right] = ({ ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] } as Record<string, [number, number]>)[key] ?? [0, 0]
  const to = [row + down, column + right] as [number, number]
  return (down || right) && slice.cells[to[0]]?.[to[1]] !== undefined ? to : null
}

/** Where combinations lie: what two players gain. */
export interface Dot { cell: number; x: number; y: number }

/** The two players whose gains are the axes: the sides, and where there is but one, the first of the others. */
export function axesOf(found: Bargain): [number, number] {
  const sides = found.sides.map(({ player }) => player)
  const others = found.players.flatMap((_, player) => (sides.includes(player) ? [] : [player]))
  const [x = 0, y = 0] = [...sides, ...others]
  return [x, y]
}

export function dotsOf(found: Bargain): Dot[] {
  const [a, b] = axesOf(found)
  return found.payoffs.flatMap((_, cell) => {
    const gains = gainsOf(found, cell)
    return gains ? [{ cell, x: gains[a], y: gains[b] }] : []
  })
}

/** The one of all that lies nearest, by `far`; of those that lie as near the first, unless it is the one that is held. */
export function nearest(dots: Dot[], far: (dot: Dot) => number, held: number): Dot | null {
  return dots.reduce<Dot | null>((best, dot) => {
    if (!best) return dot
    const [mine, its] = [far(dot), far(best)]
    return mine < its || (mine === its && dot.cell === held) ? dot : best
  }, null)
}

/** The deal of the frontier that comes next in the direction of the first player's gain (1) or against it (-1); at the end none. */
export function alongFrontier(found: Bargain, cell: number, by: 1 | -1): number | null {
  const [a] = axesOf(found)
  const here = gainsOf(found, cell)?.[a]
  const line = (found.deals?.frontier ?? []).filter(({ gains }) => gains !== null)
  const ordered = by > 0 ? line.toReversed() : line
  if (here === undefined) return ordered[0]?.cell ?? null
  return ordered.find(({ cell: other, gains }) => other !== cell && (gains![a] - here) * by > 0)?.cell ?? null
}

/** The ledger that is shown: each lever while those of others are at their mildest, or as in no deal. */
export const costsOf = (hand: Hand, rest: boolean): Costs | null => (rest ? hand.in_no_deal : hand.alone)

export const fadeText = (fades: Fades) =>
  fades.state === 'never' ? 'never' : fades.state === 'throughout' ? 'to the last day looked at' : `until ${dayLabel(fades.date)}`

export const sharePart = (name: string, share: string) => (share === '1' ? name : `${share} × ${name}`)

/** A deal, or a draw by lot between some. */
export const mixedText = (found: Bargain, { mix, exact }: Mixed) =>
  (exact ? '' : 'near ') + mix.map(({ cell, share }) => sharePart(mix.length > 1 ? `(${nameOf(found, cell)})` : nameOf(found, cell), share.text)).join(' + ')

export function playedText(found: Bargain, side: number, played: Played[]): string {
  return played.map((one) => sharePart(found.sides[side].packages[one.package].name, one.share.text)).join(' + ')
}

export const gainsText = (found: Bargain, gains: number[]) => gains.map((gain, player) => `${found.players[player].name} ${gainText(found, gain)}`).join(', ')

/** A fact with what it is about, and what more is to be said. */
export interface Fact { label: string; value: string; note: string; cell?: number }

/** What both sides do without talks. */
export function gameFacts(found: Bargain): Fact[] {
  const { game, draws } = found
  if (!game) return []
  const player = (at: number) => found.players[at].name
  const side = (at: number) => (at === game.row ? 0 : 1)
  const part = (at: number) => game.components.find(({ equilibria }) => equilibria.length > 1 && equilibria.includes(at))
  return [
    ...(game.equilibria ?? []).map((one, at) => {
      const counted = draws?.outcomes.find(({ cell }) => cell === one.cell)
      return {
        label: one.cell === null ? 'Equilibrium in mixes' : 'Equilibrium', cell: one.cell ?? undefined,
        value: `${player(game.row)}: ${playedText(found, 0, one.row)}; ${player(game.column)}: ${playedText(found, 1, one.column)}`,
        note: [
          found.no_deal.payoffs ? gainsText(found, one.payoffs.map((value, who) => value - found.no_deal.payoffs![who])) : '',
          alike(found, one).length > 1 ? `so is what else gives everybody the same (${count(alike(found, one).length - 1, 'combination')})` : '',
          part(at) ? `one end of a set of equilibria: ${part(at)!.pieces.map(({ row, column }) => `${row} with ${column}`).join(', or ')}` : '',
          draws && one.cell !== null ? `an equilibrium in ${counted?.equilibrium ?? 0} of ${count(draws.counted, 'draw')}` : '',
        ].filter(Boolean).join('; '),
      }
    }),
    ...found.threats.map((one) => ({
      label: `${player(one.player)} threatens ${player(one.other)}`,
      value: { yes: 'It would do so', no: 'It would not', either: 'It may or may not' }[one.carried_out],
      note: `once refused, to carry it out ${one.costs_own > 0 ? 'costs' : 'gives'} it ${cash(found, Math.abs(one.costs_own))}; ` +
        `${{ yes: 'knowing that, the other gives in', no: 'knowing that, the other does not give in', either: 'the other may give in or not' }[one.given_in]}`,
    })),
    ...game.dominance.map((one) => ({
      label: `Struck out, round ${one.round}`, value: `${player(one.player)}: ${found.sides[side(one.player)].packages[one.package].name}`,
      note: `${playedText(found, side(one.player), one.by)} is better by ${cash(found, one.margin)} at least`,
    })),
  ]
}

/** What rules say, what payments would do, and what it costs to leave levers off the table. */
export function dealFacts(found: Bargain): Fact[] {
  if (!found.deals) return [{ label: 'Unknown', value: '', note: 'No deal was not run.' }]
  const { points, payments, problems } = found.deals
  return [
    ...points.map(({ rule, deal }) => ({
      label: ruleName(rule), value: mixedText(found, deal), note: gainsText(found, deal.gains), cell: deal.mix.length === 1 ? deal.mix[0].cell : undefined,
    })),
    ...(payments ? payments.ways.slice(0, 1).map(({ combination, paid }) => ({
      label: 'With payments', cell: combination.cell,
      value: nameOf(found, combination.cell),
      note: [
        `together ${gainText(found, payments.surplus)}`,
        ...paid.flatMap((sum, player) => (sum === 0 ? [] : [`${found.players[player].name} ${sum < 0 ? 'pays' : 'is paid'} ${cash(found, Math.abs(sum))}`])),
      ].join(', '),
    })) : []),
    ...found.constraints.flatMap((one) => one.prices.map(({ rule, bound, lost }) => ({
      label: `${one.name} (${ruleName(rule)})`, value: bound ? mixedText(found, bound) : 'Nothing is agreed',
      note: `price: ${lost.map((sum, player) => `${found.players[player].name} ${sum === 0 ? 'nothing' : difference(-sum, (size) => cash(found, size))}`).join(', ')}`,
    }))),
    ...problems.map((note) => ({ label: 'No point', value: '', note })),
  ]
}

/** Who gains what by what was put on the table, and what would make it acceptable. */
export function positionFacts(found: Bargain): Fact[] {
  return found.positions.map((one, at) => {
    const { acceptable, combination, shortfall, additions } = one
    const add = additions[0]?.adds.map(({ lever, level }) => `${found.levers[lever].name}: ${found.levers[lever].levels[level].name}`)
    const missing = (shortfall ?? []).flatMap((sum, player) => (sum > 0 ? [`${found.players[player].name} would have to be given ${cash(found, sum)}`] : []))
    return {
      label: `${at + 1}  ${one.name}${one.date ? `, ${dayLabel(one.date)}` : ''}`, cell: combination.cell,
      value: acceptable === null ? 'Not known' : acceptable ? 'No side loses by it' : 'A side loses by it',
      note: [
        ...(combination.gains ? [gainsText(found, combination.gains)] : []), ...missing,
        ...(add ? [`the smallest addition that would do: ${add.join(', ')}`] : []),
        ...(one.on_frontier === false ? ['another package gives a side more and none less'] : []), ...(one.note ? [one.note] : []), ...(one.source ? [`source: ${one.source}`] : []),
      ].join('; '),
    }
  })
}

/** What keeping takes of a side, and what it has: discount factors of a round. */
export interface Kept { agreement: string; name: string; player: number; keeps: Keeps; has: number | null }

export function kept(found: Bargain): Kept[] {
  const { truce, positions, patience } = found
  return (truce?.agreements ?? []).flatMap(({ position, terms }) => {
    const agreement = positions.find(({ id }) => id === position)?.name ?? 'What is agreed'
    return terms.map(({ player, keeps }) => ({
      agreement, name: found.players[player].name, player, keeps, has: patience.find((one) => one.player === player)?.patience?.value ?? null,
    }))
  })
}

/** What a truce rests on, in sentences. */
export function truceLines(found: Bargain): string[] {
  const { truce } = found
  if (!truce) return []
  const link = truce.linkage
  const factor = ({ least, words }: Keeps) => (least === null ? words : `${least.toFixed(3)}`)
  return [
    `Rounds of ${count(truce.round_months, 'month')}, renewed with a chance of ${percent(truce.renewal)}; a breach is answered after ${count(truce.answered_after, 'round')}.`,
    ...(link ? [`${link.issues.map(({ name }) => name).join(' and ')}: agreed apart, all sides must have ${factor(link.all_apart)}; in one truce ${factor(link.all_pooled)}.`] : []),
    ...found.offers.map(({ first, shares }) =>
      `If ${found.players[first].name} offers first, offers in turn divide what is gained as ${shares.map(({ value }, side) => `${percent(value)} for ${found.players[found.sides[side].player].name}`).join(' and ')}.`),
    ...found.lasts.flatMap(({ player, lever, days, throughout }) =>
      lever !== null || days === null ? [] : [`Without a deal the needs of ${found.players[player].name} are met for ${throughout ? 'all the time looked at' : count(Math.round(days), 'day')}.`]),
  ]
}
