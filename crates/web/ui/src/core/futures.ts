// What an ensemble says, made ready to be drawn and to be read: paths of a fan, scales, rows of a ranking, tables.
import type { Conditions, EnsembleAbout, Futures, Known, Series, Unknowns } from './contract'
import type { Cell, Table } from './csv'
import { amount, capital, count, money, percent } from './format'
import { dayLabel, monthLabel } from './time'

/** A figure with its interval in brackets. */
export function between(known: Known, text: (value: number | null) => string): string {
  if (known.value === null || known.low === null || known.high === null) return text(known.value)
  return `${text(known.value)} (${text(known.low)} to ${text(known.high)})`
}

/** The answer in a sentence, with the part that carries it. */
export function sentence(found: Futures): { text: string; strong: string[] } {
  const who = found.demand_name ? `Supply for ${found.demand_name} runs` : 'Some need runs'
  const short = `${who} short${found.by ? ` before ${dayLabel(found.by)}` : ''}`
  if (found.short.value === null) return { text: `How likely it is that ${short.charAt(0).toLowerCase()}${short.slice(1)} is unknown.`, strong: [] }
  const strong = percent(found.short.value)
  return { text: `${short} in ${between(found.short, percent)} of ${count(found.samples, 'future')}.`, strong: [strong] }
}

/** What to know of the samples, and what was left out. */
export function basis(about: EnsembleAbout, found: Futures): string {
  const left = (number: number, why: string) => (number ? ` Left out: ${count(number, 'sample')} ${why}${found.why ? ` (${found.why})` : ''}.` : '')
  return (
    `Model: ${found.model}. Scenario: ${found.scenario}. Foresight: ${about.foresight}. In brackets: where the figure lies with a ` +
    `confidence of ${percent(found.confidence)}.` +
    left(found.no_model, 'whose values contradict each other') + left(found.stopped, 'without an optimum')
  )
}

/** Figures of the loss: label, value, and how sure or of what. */
export function losses(found: Futures): { label: string; value: string; note: string }[] {
  const cash = (value: number | null) => money(value, found.currency)
  const at = (share: number): Known => found.quantiles.find(([one]) => one === share)?.[1] ?? { value: null, low: null, high: null }
  const range = (low: number, high: number) => {
    const ends = [cash(at(low).value), cash(at(high).value)]
    return ends[0] === ends[1] ? ends[0] : ends.join(' to ')
  }
  const sure = ({ low, high }: Known) => (low === null || high === null ? 'interval unknown' : `${cash(low)} to ${cash(high)}`)
  return [
    { label: 'Mean loss', value: cash(found.mean), note: 'value unmet, at today’s value' },
    { label: 'Median loss', value: cash(at(0.5).value), note: sure(at(0.5)) },
    { label: 'Half of all futures', value: range(0.25, 0.75), note: 'quantiles 25% and 75%' },
    { label: 'Nine in ten futures', value: range(0.05, 0.95), note: 'quantiles 5% and 95%' },
    { label: `Mean of the worst ${percent(1 - found.alpha)}`, value: cash(found.cvar.value), note: sure(found.cvar) },
  ]
}

/** A line through `low`, or what lies between it and `high`. Where a value is not known there is a gap. In steps, value `at` holds from
 *  place `at` to the next; else it holds at its place. */
export function fanPath(low: Series, high: Series | null, x: number[], y: (value: number) => number, steps: boolean): string {
  let path = ''
  const point = (at: number, value: number) => `${x[at].toFixed(1)},${y(value).toFixed(1)}`
  const along = (series: Series, at: number) => (steps ? [point(at, series[at]!), point(at + 1, series[at]!)] : [point(at, series[at]!)])
  const known = (at: number) => at < low.length && low[at] !== null && (!high || high[at] !== null)
  for (let at = 0; at < low.length; at++) {
    if (!known(at)) continue
    const there: string[] = []
    const back: string[] = []
    for (; known(at); at++) {
      there.push(...along(low, at))
      if (high) back.push(...along(high, at))
    }
    path += `M${[...there, ...back.reverse()].join('L')}${high ? 'Z' : ''}`
  }
  return path
}

/** A bar of a ranking: parts with their intervals, the second within the first; what it says where there is room, and where
 *  there is little. */
export interface Bar {
  id: string; name: string; value: string; small: [full: string, brief: string]
  parts: { known: Known; fill: string }[]
}

export interface Ranking { bars: Bar[]; low: number; high: number }

/** Room for all bars and intervals, 0 and at least `high` among it. */
export function ranking(bars: Bar[], low: number, high: number): Ranking {
  const ends = bars.flatMap((bar) => bar.parts.flatMap(({ known }) => [known.value, known.low, known.high])).filter((end) => end !== null)
  return { bars, low: Math.min(0, low, ...ends), high: Math.max(high, ...ends) }
}

const plain = (value: number | null): Known => ({ value, low: null, high: null })

/** A share of a variance, which as an estimate may be a little below 0 or above 1. */
const part = (share: number | null) => (share === null ? 'unknown' : `${Math.round(share * 100) || 0}%`.replace('-', '\u2212'))

/** What the loss hangs on, the input that matters most first; null where there is nothing to rank. */
export function unknownBars(unknowns: Unknowns): Ranking | null {
  if (unknowns.kind === 'indices') {
    const bars = unknowns.inputs.map(({ id, name, first, total }): Bar => ({
      id, name: capital(name), value: part(total.value),
      small: [`${between(first, part)} alone · ${between(total, part)} with others`, `${part(first.value)} alone · ${part(total.value)} with others`],
      parts: [{ known: total, fill: 'q2' }, { known: first, fill: 'q4' }],
    }))
    return ranking(bars, 0, 1)
  }
  if (unknowns.kind !== 'correlations') return null
  const bars = unknowns.inputs.map(({ id, name, correlation }): Bar => {
    const value = correlation === null ? 'unknown' : `${correlation < 0 ? '\u2212' : '+'}${Math.abs(correlation).toFixed(2)}`
    const small = correlation === null ? '' : `the loss ${correlation < 0 ? 'falls' : 'grows'} with it`
    return { id, name: capital(name), value, small: [small, small], parts: [{ known: plain(correlation), fill: correlation !== null && correlation < 0 ? 'stock' : 'q4' }] }
  })
  return ranking(bars, -1, 1)
}

/** Needs that may run short, the likeliest first. */
export function needBars(found: Futures): Ranking {
  const cash = (value: number | null) => money(value, found.currency)
  const bars = found.demands.map(({ id, name, short, mean, cvar, median_day }): Bar => {
    const loss = `mean loss ${cash(mean)} · worst ${percent(1 - found.alpha)} ${cash(cvar)}`
    const begin = `half begin by ${monthLabel(median_day)}`
    return { id, name: capital(name), value: percent(short.value), small: [`${begin} · ${loss}`, loss], parts: [{ known: short, fill: 'short' }] }
  })
  return ranking(bars, 0, 1)
}

export const conditionText = (one: Extract<Conditions, { kind: 'found' }>['boxes'][number]) =>
  `${capital(one.words)}. ${percent(one.density)} of the ${count(one.samples, 'future')} with that are short: ${percent(one.coverage)} of all short ones.`

const cells = ({ value, low, high }: Known): Cell[] => [value, low, high]

export const dateTable = (found: Futures): Table => ({
  header: ['before', 'probability', 'low', 'high'],
  rows: found.by_date.map(([day, known]) => [day, ...cells(known)]),
})

export const fanTable = (found: Futures): Table => ({
  header: ['step', ...found.quantiles.map(([share]) => `unmet_${Math.round(share * 100)}`)],
  rows: (found.fan ?? []).map(([day, quantiles]) => [day, ...quantiles]),
})

export const needTable = (found: Futures): Table => ({
  header: ['demand', 'name', 'probability', 'low', 'high', 'half_before', 'mean_loss', 'worst_loss', 'currency'],
  rows: found.demands.map((one) => [one.id, one.name, ...cells(one.short), one.median_day, one.mean, one.cvar, found.currency]),
})

export function unknownTable(unknowns: Unknowns): Table {
  if (unknowns.kind === 'indices') {
    return {
      header: ['input', 'name', 'first', 'first_low', 'first_high', 'total', 'total_low', 'total_high'],
      rows: unknowns.inputs.map((one) => [one.id, one.name, ...cells(one.first), ...cells(one.total)]),
    }
  }
  const inputs = unknowns.kind === 'correlations' ? unknowns.inputs : []
  return { header: ['input', 'name', 'rank_correlation'], rows: inputs.map((one) => [one.id, one.name, one.correlation]) }
}

export const conditionTable = (conditions: Conditions): Table => ({
  header: ['conditions', 'density', 'coverage', 'mass', 'samples'],
  rows: conditions.kind === 'found' ? conditions.boxes.map((one) => [one.words, one.density, one.coverage, one.mass, one.samples]) : [],
})

/** What a place of the fan says. */
export function quantileLines(day: string, quantiles: Series, unit: string): string[] {
  const text = (at: number) => amount(quantiles[at], unit)
  return [monthLabel(day), `median ${text(2)}`, `half of futures: ${text(1)} to ${text(3)}`, `nine in ten: ${text(0)} to ${text(4)}`]
}
