// Who makes how much of a stage, and what moves between countries, as the map shows it.
import { csv, type Cell } from './csv'
import type { Lane, Region, StageOutput, View } from './contract'
import { other } from './flowgraph'
import { added, numbers, peak, total } from './series'

export interface Maker { region: string; name: string; made: Float64Array }

/** The makers of a stage, largest first; behind the first `keep` all others as one. */
export function makersOf(stage: StageOutput, regions: Region[], read: number, keep: number): Maker[] {
  const names = new Map(regions.map((region) => [region.id, region.name]))
  const ranked = Object.entries(stage.made)
    .map(([region, made]) => ({ region, name: names.get(region) ?? region, made: numbers(made) }))
    .filter(({ made }) => peak(made, read) > 0)
    .sort((a, b) => total(b.made, read) - total(a.made, read))
  if (ranked.length <= keep + 1) return ranked
  const made = new Float64Array(ranked[0].made.length)
  for (const one of ranked.slice(keep)) added(made, one.made)
  return [...ranked.slice(0, keep), { region: other, name: 'Other', made }]
}

export function wholeOf(makers: Maker[], step: number): number {
  return makers.reduce((sum, maker) => sum + maker.made[step], 0)
}

/** Classes of a share: 0 for none, 1 under 2%, 2 to 10%, 3 to 25%, 4 to 50%, 5 above. */
export function shareClass(share: number): number {
  if (share <= 0) return 0
  return 1 + [0.02, 0.1, 0.25, 0.5].filter((least) => share >= least).length
}

export const classLabels = ['under 2%', '2–10%', '10–25%', '25–50%', 'over 50%']

export interface PairedLane { from: string; to: string; flow: Float64Array; ghost: Float64Array | null }

/** The lanes of a stage with the same lanes of the run without measures, as far as that run tells of them. */
export function pairedLanes(lanes: Lane[], without: Lane[] | null): PairedLane[] {
  return lanes.map((lane) => {
    const same = without?.find((one) => one.from === lane.from && one.to === lane.to && one.flow.length === lane.flow.length)
    return { from: lane.from, to: lane.to, flow: numbers(lane.flow), ghost: same ? numbers(same.flow) : null }
  })
}

/** Less than 85% of what goes there without measures. */
export function isCut(lane: PairedLane, step: number): boolean {
  const ghost = lane.ghost?.[step] ?? 0
  return ghost > 0 && lane.flow[step] < ghost * 0.85
}

const header = ['month', 'kind', 'stage', 'region', 'to', 'unit', 'value', 'without_measures', 'share']

export function mapCsv(view: View, stage: string, without: Lane[] | null, step: number, month: string): string {
  const rows: Cell[][] = []
  for (const one of view.stages) {
    const makers = makersOf(one, view.regions, view.calendar.read, Infinity)
    const whole = wholeOf(makers, step)
    for (const { region, made } of makers) {
      rows.push([month, 'made', one.stage, region, null, one.unit, made[step], null, whole > 0 ? made[step] / whole : null])
    }
  }
  const unit = view.stages.find((one) => one.stage === stage)?.unit
  for (const lane of pairedLanes(view.trade.find((one) => one.stage === stage)?.lanes ?? [], without)) {
    rows.push([month, 'lane', stage, lane.from, lane.to, unit, lane.flow[step], lane.ghost?.[step], null])
  }
  return csv(header, rows)
}
