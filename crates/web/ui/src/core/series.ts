// Series of steps as typed arrays, so that moving the slider only reads numbers.
import type { Demand, Series } from './contract'

/** Unknown steps count as nothing where something is drawn. */
export function numbers(series: Series): Float64Array {
  return Float64Array.from(series, (value) => value ?? 0)
}

export function added(into: Float64Array, series: ArrayLike<number | null>): void {
  for (let step = 0; step < into.length; step++) into[step] += series[step] ?? 0
}

/** Between two steps the line between them; past the last step the last. */
export function at(series: Float64Array, time: number): number {
  const step = Math.floor(time)
  const part = time - step
  const here = series[step] ?? 0
  return part && step + 1 < series.length ? here * (1 - part) + series[step + 1] * part : here
}

/** The largest value before step `end`. */
export function peak(series: ArrayLike<number | null>, end = series.length): number {
  let most = 0
  for (let step = 0; step < Math.min(end, series.length); step++) most = Math.max(most, series[step] ?? 0)
  return most
}

export function total(series: ArrayLike<number | null>, end = series.length): number {
  let sum = 0
  for (let step = 0; step < Math.min(end, series.length); step++) sum += series[step] ?? 0
  return sum
}

/** What share of a demand is met in each step; where nothing is required, all of it. */
export function shareMet(demand: { required: Series; met: Series }): Float64Array {
  return Float64Array.from(demand.required, (required, step) =>
    required ? Math.min(1, (demand.met[step] ?? required) / required) : 1,
  )
}

/** Military demands that run short, then civil ones by what it costs, then those that are met, military first. */
export function byUrgency(demands: Demand[]): Demand[] {
  const rank = (demand: Demand) => (demand.first ? 0 : 2) + (demand.end_use === 'military' ? 0 : 1)
  return demands.toSorted(
    (a, b) => rank(a) - rank(b) || (a.first && b.first && a.end_use === 'military' ? (a.first < b.first ? -1 : a.first > b.first ? 1 : 0) : 0) || b.cost - a.cost,
  )
}

/** The step before `end` in which most is missing by cost: what a page shows first. */
export function worstStep(demands: Demand[], end: number): number {
  const weight = new Float64Array(end)
  for (const demand of demands) {
    const unmet = total(demand.unmet, end)
    if (unmet <= 0) continue
    for (let step = 0; step < end; step++) weight[step] += (demand.cost * (demand.unmet[step] ?? 0)) / unmet
  }
  let worst = 0
  weight.forEach((value, step) => (worst = value > weight[worst] ? step : worst))
  return worst
}

/** Upper edge of a strip that shows a share in each step as a step line, closed along its foot. */
export function stripPath(share: Float64Array, edges: number[], y: number, height: number): string {
  let path = `M${edges[0]},${y + height}`
  share.forEach((value, step) => {
    const top = (y + height - height * Math.max(0, Math.min(1, value))).toFixed(1)
    path += `L${edges[step].toFixed(1)},${top}L${edges[step + 1].toFixed(1)},${top}`
  })
  return `${path}L${edges[edges.length - 1]},${y + height}Z`
}
