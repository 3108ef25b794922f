// Two to four runs side by side: which demands differ most, and what is unmet where.
import type { Cell } from './csv'
import { csv } from './csv'
import type { Demand, Model, View } from './contract'
import { changeOf, firstDefence, laterText } from './difference'
import { shareMet } from './series'

/** Scenarios of the address that the model has, at least two where it has two: each once, at most four. */
export function chosen(model: Model, wanted: string[], current: string): string[] {
  const known = wanted.filter((id, at) => model.scenarios.some((one) => one.id === id) && wanted.indexOf(id) === at)
  const fill = [current, model.default_scenario ?? '', ...model.scenarios.map((one) => one.id)]
  for (const id of fill) {
    if (known.length >= 2) break
    if (model.scenarios.some((one) => one.id === id) && !known.includes(id)) known.push(id)
  }
  return known.slice(0, 4)
}

/** The first scenario of the model that is not yet among those compared. */
export function nextScenario(model: Model, ids: string[]): string | null {
  return model.scenarios.find((one) => !ids.includes(one.id))?.id ?? null
}

export interface Differing { id: string; name: string; military: boolean; runs: (Demand | null)[]; spread: number }

/** Demands whose cost or share met differs between runs, those with the largest spread of cost first. */
export function differing(views: View[]): Differing[] {
  if (views.length < 2) return []
  const byId = views.map((view) => new Map(view.demands.map((demand) => [demand.id, demand])))
  const scale = Math.max(1, ...views.map((view) => Math.abs(view.unmet_value)))
  const result: Differing[] = []
  for (const { id, name, end_use } of views[0].demands) {
    const runs = byId.map((demands) => demands.get(id) ?? null)
    const costs = runs.flatMap((demand) => (demand ? [demand.cost] : []))
    const spread = Math.max(...costs) - Math.min(...costs)
    const firsts = new Set(runs.map((demand) => demand?.first ?? null))
    if (spread > 1e-6 * scale || firsts.size > 1) result.push({ id, name, military: end_use === 'military', runs, spread })
  }
  return result.sort((a, b) => b.spread - a.spread)
}

export interface RegionLoss { id: string; name: string; values: number[] }

/** Unmet value by region, civil and military, for each run; regions without any are left out. */
export function regionLosses(views: View[]): RegionLoss[] {
  const rows = new Map<string, RegionLoss>()
  views.forEach((view, run) => {
    for (const loss of view.losses) {
      const name = view.regions.find((region) => region.id === loss.region)?.name ?? loss.region
      const row = rows.get(loss.region) ?? { id: loss.region, name, values: views.map(() => 0) }
      row.values[run] += loss.civil + loss.military
      rows.set(loss.region, row)
    }
  })
  const most = (row: RegionLoss) => Math.max(...row.values)
  return Array.from(rows.values()).filter((row) => most(row) > 0).sort((a, b) => most(b) - most(a))
}

export interface Totals { headline: string; first: Demand | null; unmet: number; cost: number }

export function totals(view: View): Totals {
  return { headline: view.headline.text, first: firstDefence(view), unmet: view.unmet_value, cost: view.objective }
}

export function totalsCsv(views: View[]): string {
  const base = views[0] && totals(views[0])
  return csv(
    ['scenario', 'headline', 'first_defence_need', 'first_defence_day', 'first_defence_difference', 'unmet_value',
      'unmet_value_difference', 'total_cost', 'total_cost_difference', 'currency'],
    views.map((view): Cell[] => {
      const row = totals(view)
      return [
        view.scenario, row.headline, row.first?.name, row.first?.first,
        laterText(base.first?.first ?? null, row.first?.first ?? null), row.unmet, changeOf(base.unmet, row.unmet),
        row.cost, changeOf(base.cost, row.cost), view.currency,
      ]
    }),
  )
}

export function differingCsv(rows: Differing[], views: View[]): string {
  return csv(
    ['demand', 'name', 'scenario', 'step', 'required', 'met', 'unmet', 'share_met'],
    rows.flatMap((row) =>
      row.runs.flatMap((demand, run): Cell[][] => {
        if (!demand) return []
        const share = shareMet(demand)
        const { days, read } = views[run].calendar
        return days.slice(0, read).map((day, step) => [
          row.id, row.name, views[run].scenario, day, demand.required[step], demand.met[step], demand.unmet[step], share[step],
        ])
      }),
    ),
  )
}

export function regionsCsv(rows: RegionLoss[], views: View[]): string {
  return csv(
    ['region', 'name', 'scenario', 'unmet_value', 'currency'],
    rows.flatMap((row) => row.values.map((value, run): Cell[] => [row.id, row.name, views[run].scenario, value, views[run].currency])),
  )
}
