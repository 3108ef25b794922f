// Where the chain is narrow: what the page says of a node, where it stands in the flow diagram, and what is lost without it.
import type { Chokepoints, Flows, Ranked, StageShares, View } from './contract'
import { csv, type Cell } from './csv'
import { demandDifferences, type DemandDifference } from './difference'
import type { FlowGraph } from './flowgraph'
import { count, money, percent } from './format'

export const kinds = ['stages', 'sites', 'lanes'] as const
export type Kind = (typeof kinds)[number]

/** The list that a node stands in. */
export function kindOf(found: Chokepoints, id: string): Kind | null {
  return kinds.find((kind) => found[kind].some((one) => one.id === id)) ?? null
}

export function entryOf(found: Chokepoints | null, id: string): Ranked | null {
  const kind = found && kindOf(found, id)
  return found && kind ? (found[kind].find((one) => one.id === id) ?? null) : null
}

export const canBeLost = (entry: Ranked) => entry.kind !== 're-exports'

/** The answer in a sentence, with the parts that carry it. */
export function sentence(found: Chokepoints, currency: string): { text: string; strong: string[] } {
  const [stage, lane] = [found.stages, found.lanes].map((list) => list.find((one) => one.one_percent > 0))
  const first = stage ?? lane
  if (!first) return { text: 'Nothing is a bottleneck: more of any capacity or lane would save nothing.', strong: [] }
  const worth = (one: Ranked) => money(one.one_percent, currency)
  const limit = (one: Ranked) => (one.set_by ? `, ${limitText[one.set_by] ?? one.set_by}` : '')
  const text = stage
    ? `Capacity is shortest in ${stage.name}: 1% more there throughout would save ${worth(stage)}.` +
      (lane ? ` Of lanes, 1% more room for ${lane.name} would save most (${worth(lane)}${limit(lane)}).` : '')
    : `No capacity is short. The bottleneck is the lane ${first.name}: 1% more room on it throughout would save ${worth(first)}.`
  return { text, strong: [first.name, worth(first)] }
}

const limitText: Record<string, string> = {
  capacity: 'limited by capacity', growth: 'limited by how fast it can grow', measure: 'limited by a measure',
  share: 'limited by the share it may have',
}

/** An index of concentration by its usual scale: 10,000 is one maker. */
export const hhiText = (hhi: number) => Math.round(hhi * 10_000).toLocaleString('en')

/** What is known of a node, the most telling first; where there is little room, in a few words. */
export function figuresOf(entry: Ranked, needs: number, brief = false): string[] {
  const of = entry.kind === 'lane' ? 'of use there' : 'of output'
  return [
    entry.share === null ? '' : brief ? percent(entry.share) : `${percent(entry.share)} ${of}`,
    entry.hhi === null ? '' : `HHI ${hhiText(entry.hhi)}`,
    entry.n1_carried === null ? '' : `N-1 ${percent(entry.n1_carried)}`,
    brief ? count(entry.cuts, 'min-cut') : `in ${entry.cuts} of ${needs} min-cuts`,
    brief ? '' : (limitText[entry.set_by ?? ''] ?? ''),
  ].filter(Boolean)
}

/** The diagram that shows a node: the first that has it, else the first. */
export function diagramOf(view: View, entry: Ranked | null): string {
  const has = (flows: Flows) => flows.nodes.some((node) => node.stage === entry?.stage && node.region === entry.regions[0])
  return (view.flows.find(has) ?? view.flows[0])?.stage ?? ''
}

/** Where a node stands in a diagram: keys of nodes, positions of links. A site stands where its country does. */
export function marksOf(entry: Ranked | null, graph: FlowGraph): { nodes: Set<string>; links: Set<number> } {
  const [from, to] = entry?.regions ?? []
  const nodes = graph.nodes.filter((node) => entry && !node.user && node.stage === entry.stage && node.region === from)
  const links = graph.links.flatMap((link, at) => {
    const touches = to === undefined ? nodes.includes(link.from) || nodes.includes(link.to) : nodes.includes(link.from) && link.to.region === to
    return touches ? [at] : []
  })
  return { nodes: new Set(nodes.map((node) => node.key)), links: new Set(links) }
}

/** Needs that fall short more without a node, the costliest first. */
export function lostNeeds(before: View, after: View): DemandDifference[] {
  return demandDifferences(before, after).filter((one) => one.cost > 0)
}

export function rankedCsv(found: Chokepoints): string {
  return csv(
    ['kind', 'node', 'name', 'share', 'hhi', 'n1_carried', 'cuts', 'largest_cut_share', 'one_percent_saves', 'one_more_saves', 'one_more_when', 'why'],
    kinds.flatMap((kind) => found[kind]).map((one): Cell[] => [
      one.kind, one.id, one.name, one.share, one.hhi, one.n1_carried, one.cuts, one.largest_cut, one.one_percent,
      one.one_more, one.when, one.set_by,
    ]),
  )
}

export function concentrationCsv(found: Chokepoints): string {
  const figures = (one: StageShares): Cell[] => [
    one.output, one.hhi, ...one.hhi_by_owner, one.unknown_owner, one.n1, one.n1_carried,
  ]
  return csv(
    ['stage', 'country', 'share', 'output', 'hhi', 'hhi_by_owner_least', 'hhi_by_owner_most', 'unknown_owner', 'n1', 'n1_carried'],
    found.concentration.flatMap((one) => one.countries.map(({ region, share }) => [one.stage, region, share, ...figures(one)])),
  )
}

export function lossesCsv(rows: DemandDifference[], currency: string): string {
  return csv(
    ['demand', 'name', 'end_use', 'unit', 'unmet_before', 'unmet_without', 'first_before', 'first_without', 'loss', 'currency'],
    rows.map((one) => [
      one.id, one.name, one.military ? 'military' : 'civil', one.unit, one.unmetBefore, one.unmetAfter, one.firstBefore,
      one.firstAfter, one.cost, currency,
    ]),
  )
}
