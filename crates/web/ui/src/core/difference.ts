// What differs between two runs of one model: totals, and each demand that fares better or worse.
import type { Demand, View } from './contract'
import { total } from './series'

export interface DemandDifference {
  id: string; name: string; military: boolean; unit: string
  firstBefore: string | null; firstAfter: string | null
  unmetBefore: number; unmetAfter: number
  cost: number
}

/** Solvers agree to about six digits: what differs by less of the whole is not a difference. */
const noise = 1e-6

export function demandDifferences(before: View, after: View): DemandDifference[] {
  const least = noise * Math.max(Math.abs(before.unmet_value), Math.abs(after.unmet_value), 1)
  const old = new Map(before.demands.map((demand) => [demand.id, demand]))
  const unmet = (view: View, demand: Demand) => total(demand.unmet, view.calendar.read)
  const result: DemandDifference[] = []
  for (const demand of after.demands) {
    const was = old.get(demand.id)
    if (!was) continue
    const cost = demand.cost - was.cost
    const unmetBefore = unmet(before, was)
    const unmetAfter = unmet(after, demand)
    if (Math.abs(cost) <= least && was.first === demand.first) continue
    result.push({
      id: demand.id, name: demand.name, military: demand.end_use === 'military', unit: demand.unit,
      firstBefore: was.first, firstAfter: demand.first, unmetBefore, unmetAfter, cost,
    })
  }
  return result.sort((a, b) => Math.abs(b.cost) - Math.abs(a.cost))
}

/** A difference of totals without the solver's noise. */
export function changeOf(before: number, after: number): number {
  const change = after - before
  return Math.abs(change) <= noise * Math.max(Math.abs(before), Math.abs(after)) ? 0 : change
}

/** What two runs are that are compared. */
export function basisOf(view: View): string {
  if (view.preview) return 'Quarterly preview against quarterly preview, both with perfect foresight.'
  return `Full run against full run, ${view.foresight === 'perfect' ? 'perfect foresight' : 'measures known as announced'}.`
}

/** The defence need that runs short first; of those in the same step the one that costs most. */
export function firstDefence(view: View): Demand | null {
  const short = view.demands.filter((demand) => demand.end_use === 'military' && demand.first)
  return short.sort((a, b) => (a.first! < b.first! ? -1 : a.first! > b.first! ? 1 : b.cost - a.cost))[0] ?? null
}

/** How much later a first short day is: "2 months later", "never short". */
export function laterText(before: string | null, after: string | null): string {
  if (before === after) return 'no change'
  if (!after) return 'never short'
  if (!before) return 'newly short'
  const months = (day: string) => Number(day.slice(0, 4)) * 12 + Number(day.slice(5, 7))
  const apart = months(after) - months(before)
  const size = Math.abs(apart)
  return `${size} ${size === 1 ? 'month' : 'months'} ${apart > 0 ? 'later' : 'earlier'}`
}
