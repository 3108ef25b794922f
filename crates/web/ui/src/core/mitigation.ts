// What a plan found, made ready to be drawn and to be read: the sentence, rows of the portfolio, curves of the frontier, tables.
import type { Plan, PlanItem, PlanOutcome } from './contract'
import type { Table } from './csv'
import { amount, capital, count, money, percent } from './format'
import type { Curve } from './marks'
import { dayLabel } from './time'

/** The worst futures, as they are named. */
export const worst = (found: Plan) => `worst ${percent(1 - found.level)} of futures`

/** The answer in a sentence, with the parts that carry it. */
export function sentence(found: Plan): { text: string; strong: string[] } {
  const cash = (value: number | null) => money(value, found.currency)
  const { budget, spent, less_expected, less_cvar } = found.plan
  if (!found.items.length) return { text: `With ${cash(budget)} it is best to do nothing: no option is worth its money.`, strong: ['nothing'] }
  const begin = `Of ${cash(budget)}, ${cash(spent)} is spent`
  if (less_expected === null || less_cvar === null) return { text: `${begin}: doing nothing misses a requirement.`, strong: [] }
  return {
    text: `${begin}: expected losses are ${cash(less_expected)} less, and ${cash(less_cvar)} less in the ${worst(found)}.`,
    strong: [`${cash(less_expected)} less`, `${cash(less_cvar)} less`],
  }
}

/** What the answer stands on, and how far a better plan may be. */
export function basis(found: Plan): string {
  const share = found.gap_of_savings === null ? '' : `, ${(100 * found.gap_of_savings).toFixed(2)}% of what this one saves`
  return (
    `${count(found.options, 'option')}, decided once for ${count(found.futures, 'future')}. Losses are what the whole chain costs, at today’s ` +
    `value. Another plan may be better by ${money(found.gap && Math.round(found.gap), found.currency)} at most${share}.` +
    (found.stopped ? ' The search was stopped early: this is the best that was known by then, and what was not found is left out.' : '')
  )
}

const much = (item: PlanItem) => (item.share >= 1 ? 'all of it' : amount(item.amount, item.unit))

/** What an item is to the requirements or losses. */
const buys = (item: PlanItem, currency: string) => (item.needed ? 'required' : money(item.buys, currency))

/** A row of the portfolio: money and what it buys, as bars each against the largest of its kind. */
export interface Row { id: string; name: string; small: string; money: string; paid: number; buys: string; bought: number }

export function rows(found: Plan): Row[] {
  const most = (values: number[]) => Math.max(0, ...values) || 1
  const paid = most(found.items.map((item) => item.money))
  const bought = most(found.items.map((item) => item.buys ?? 0))
  return found.items.map((item) => ({
    id: item.id, name: capital(item.name), small: `${much(item)}, there from ${dayLabel(item.ready)}`,
    money: money(item.money, found.currency), paid: item.money / paid,
    buys: buys(item, found.currency), bought: Math.max(0, item.buys ?? 0) / bought,
  }))
}

/** Losses by budget: by how much less they are than with nothing done, or where that cannot be, what they are. */
export function curves(found: Plan): { less: boolean; lines: Curve[] } {
  const less = found.frontier.every((point) => point.less_expected !== null && point.less_cvar !== null)
  // With nothing done nothing is spent, and losses are not less.
  const points = less && found.frontier[0]?.budget > 0 ? [found.nothing, ...found.frontier] : found.frontier
  const line = (name: string, colour: string, of: (point: PlanOutcome) => number | null): Curve => ({
    name, colour, points: points.flatMap((point) => {
      const value = of(point)
      return value === null ? [] : [{ at: point.budget, value }]
    }),
  })
  return {
    less,
    lines: [
      line(capital(worst(found)), 'short', (point) => (less ? point.less_cvar : point.cvar)),
      line('Expected', 'accent', (point) => (less ? point.less_expected : point.expected_loss)),
    ],
  }
}

/** What a point of the frontier says. */
export function pointLines(found: Plan, point: PlanOutcome): string[] {
  const cash = (value: number | null) => money(value, found.currency)
  const names = found.entry.filter((entry) => entry.budget === point.budget).map((entry) => entry.name)
  const losses =
    point.less_expected === null
      ? [`expected losses ${cash(point.expected_loss)}`, `${cash(point.cvar)} in the ${worst(found)}`]
      : [`expected losses ${cash(point.less_expected)} less`, `${cash(point.less_cvar)} less in the ${worst(found)}`]
  return [
    `Budget ${cash(point.budget)}`, `${cash(point.spent)} is spent`, ...losses,
    ...(point.next_unit === null ? [] : [`each ${unit(found.currency)} more has saved ${quantity(point.next_unit)}`]),
    ...(names.length ? [`new: ${names.join('; ')}`] : []),
  ]
}

export const unit = (currency: string) => (currency === 'USD' ? 'dollar' : currency)

/** To three places: what is below that is what is left of rounding. */
const quantity = (value: number) => amount(Math.round(value * 1000) / 1000 || 0, '')

/** Which option is in at which budget, in the order of entry. */
export interface Entering { id: string; name: string; shares: number[] }

export function matrix(found: Plan): Entering[] {
  const share = (point: PlanOutcome, id: string) => point.shares.find(([one]) => one === id)?.[1] ?? 0
  return found.entry.map(({ id, name }) => ({ id, name: capital(name), shares: found.frontier.map((point) => share(point, id)) }))
}

/** What knowing, waiting, and one more unit of money are worth: label, value, and what it says. */
export function worths(found: Plan): { label: string; value: string; note: string; figure: number | null }[] {
  const cash = (value: number | null) => money(value, found.currency)
  const result = []
  if (found.shadow_price !== null) {
    result.push({
      label: `One more ${unit(found.currency)}`, value: cash(found.shadow_price), note: 'would be saved beyond its own cost',
      figure: found.shadow_price,
    })
  }
  if (!found.values) return result
  const { stochastic_solution, perfect_information, waiting, wait_months } = found.values
  result.push({
    label: 'To plan for all futures', value: stochastic_solution === null ? 'not possible otherwise' : cash(stochastic_solution),
    note: stochastic_solution === null ? 'a plan for the middle future alone misses a requirement in another' : 'against a plan for the middle one alone',
    figure: stochastic_solution,
  })
  result.push({ label: 'To know which one comes', value: cash(perfect_information), note: 'no forecast is worth more', figure: perfect_information })
  if (waiting !== null && wait_months !== null) {
    result.push({
      label: `To wait ${count(wait_months, 'month')} and then know`, value: cash(waiting),
      note: waiting < 0 ? 'it costs more than knowing is worth' : 'against deciding now', figure: waiting,
    })
  }
  return result
}

/** Regrets of one decision, by future, in currency; the largest is told. */
export interface Regrets { name: string; fill: string; dots: { future: string; value: number }[]; most: { future: string; value: number } | null }

export function regrets(found: Plan): Regrets[] {
  const row = (name: string, fill: string, of: (one: Plan['regret'][number]) => number | null): Regrets => {
    const dots = found.regret.flatMap((one) => {
      const value = of(one)
      return value === null ? [] : [{ future: one.future, value }]
    })
    const most = dots.reduce<Regrets['most']>((best, dot) => (best && best.value >= dot.value ? best : dot), null)
    return { name, fill, dots, most }
  }
  return [
    row('This plan', 'accent', (one) => one.plan_regret),
    row('Nothing done', 'short', (one) => one.nothing_regret),
    row('The plan for the middle future', 'stock', (one) => one.middle_regret),
  ].filter(({ dots }) => dots.length)
}

export const portfolioTable = (found: Plan): Table => ({
  header: ['option', 'name', 'share', 'amount', 'unit', 'money', 'ready', 'buys', 'needed'],
  rows: found.items.map((item) => [item.id, item.name, item.share, item.amount, item.unit, item.money, item.ready, item.buys, item.needed ? 'yes' : 'no']),
})

export const frontierTable = (found: Plan): Table => ({
  header: ['budget', 'spent', 'expected_loss', 'cvar', 'less_expected', 'less_cvar', 'next_unit'],
  rows: found.frontier.map((one) => [one.budget, one.spent, one.expected_loss, one.cvar, one.less_expected, one.less_cvar, one.next_unit]),
})

export const entryTable = (found: Plan): Table => ({
  header: ['option', 'name', ...found.frontier.map((point) => `share_at_${point.budget}`)],
  rows: matrix(found).map((row, at) => [row.id, found.entry[at].name, ...row.shares]),
})

export const worthTable = (found: Plan): Table => ({
  header: ['what', 'value'],
  rows: worths(found).map(({ label, figure }) => [label, figure]),
})

/** What is regretted most comes first. */
export const regretTable = (found: Plan): Table => ({
  header: ['future', 'probability', 'plan_regret', 'nothing_regret', 'middle_regret', 'best', 'plan', 'nothing', 'middle'],
  rows: found.regret
    .toSorted((a, b) => b.plan_regret - a.plan_regret)
    .map((one) => [one.future, one.probability, one.plan_regret, one.nothing_regret, one.middle_regret, one.best, one.plan, one.nothing, one.middle]),
})
