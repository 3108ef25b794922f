// The flows of a run and of the run without measures as one graph: nodes and links carry both, one number a step.
// Small nodes are gathered as "Other" until the drawing stays readable.
import type { FlowGroup, Flows, Region } from './contract'
import { added, peak } from './series'

export const other = 'other'
export const stock = 'stock'

export interface GraphNode {
  key: string
  column: number
  /** Region id, `stock` or `other`; of a user the region it is in. */
  region: string
  name: string
  short: string
  actual: Float64Array
  ghost: Float64Array
  /** Only of users: the group, or null for those gathered as "Other users". */
  user?: { group: FlowGroup | null; required: Float64Array; met: Float64Array; fromStock: Float64Array }
  /** The largest it gets within the steps that are to be read. */
  size: number
}

export interface GraphLink { from: GraphNode; to: GraphNode; actual: Float64Array; ghost: Float64Array; size: number }

export interface FlowGraph { columns: string[]; nodes: GraphNode[]; links: GraphLink[]; unit: string; hasGhost: boolean }

const mostNodes = 60
const mostLinks = 200
const mostInColumn = 12
const mostUsers = 15

interface Names { node: (region: string) => string; group: (group: FlowGroup) => string }

/** One graph with at most `keep` nodes a column; of users the military ones stay. */
function gathered(flows: Flows, ghost: Flows | null, trace: string, read: number, names: Names, keep: number): FlowGraph {
  const steps = flows.links[0]?.flow.length ?? flows.groups[0]?.required.length ?? 0
  const last = flows.columns.length
  const pairs: ['actual' | 'ghost', Flows][] = ghost ? [['actual', flows], ['ghost', ghost]] : [['actual', flows]]
  const traced = (group: string) => trace === '' || group === trace

  const kept = keptNodes(pairs, traced, read, keep)
  const users = keptUsers(flows, trace, read, keep + mostUsers - mostInColumn)
  const nodes = new Map<string, GraphNode>()
  const links = new Map<string, GraphLink>()

  const node = (column: number, region: string): GraphNode => {
    const key = kept.has(`${column} ${region}`) ? `${column} ${region}` : `${column} ${other}`
    const id = key.slice(key.indexOf(' ') + 1)
    return entry(nodes, key, () => ({
      key, column, region: id, name: names.node(id), short: shortName(id),
      actual: new Float64Array(steps), ghost: new Float64Array(steps), size: 0,
    }))
  }
  const user = (id: string): GraphNode => {
    const group = users.get(id) ?? null
    const key = group ? `user ${id}` : 'user'
    return entry(nodes, key, () => ({
      key, column: last, region: group?.region ?? other, name: group ? names.group(group) : 'Other users',
      short: group ? names.group(group) : 'Other users',
      actual: new Float64Array(steps), ghost: new Float64Array(steps), size: 0,
      user: { group, required: new Float64Array(steps), met: new Float64Array(steps), fromStock: new Float64Array(steps) },
    }))
  }

  for (const group of flows.groups) {
    if (!traced(group.id)) continue
    const figures = user(group.id).user!
    added(figures.required, group.required)
    added(figures.met, group.met)
    added(figures.fromStock, group.from_stock)
  }
  for (const [side, source] of pairs) {
    for (const link of source.links) {
      if (!traced(link.group)) continue
      const start = source.nodes[link.from]
      const from = node(start.column, start.region)
      const end = link.to === null ? null : source.nodes[link.to]
      const to = end ? node(end.column, end.region) : user(link.group)
      const one = entry(links, `${from.key}>${to.key}`, () => ({
        from, to, actual: new Float64Array(steps), ghost: new Float64Array(steps), size: 0,
      }))
      added(one[side], link.flow)
      added(from[side], link.flow)
      // Within the columns a node gives what it gets; a user only gets.
      if (!end) added(to[side], link.flow)
    }
  }

  const size = (one: { actual: Float64Array; ghost: Float64Array }) => Math.max(peak(one.actual, read), peak(one.ghost, read))
  for (const one of nodes.values()) one.size = Math.max(size(one), one.user ? peak(one.user.required, read) : 0)
  for (const one of links.values()) one.size = size(one)
  const drawn = [...links.values()].filter((link) => link.size > 0)
  return {
    columns: [...flows.columns, 'use'],
    nodes: [...nodes.values()].filter((one) => one.size > 0),
    links: drawn, unit: flows.unit, hasGhost: ghost !== null,
  }
}

function entry<T>(map: Map<string, T>, key: string, make: () => T): T {
  let value = map.get(key)
  if (!value) map.set(key, (value = make()))
  return value
}

function shortName(id: string): string {
  return id === stock ? 'Stock' : id === other ? 'Other' : id
}

function keptNodes(pairs: [string, Flows][], traced: (group: string) => boolean, read: number, keep: number): Set<string> {
  const sizes = new Map<string, Float64Array>()
  for (const [side, source] of pairs) {
    for (const link of source.links) {
      if (!traced(link.group)) continue
      const { column, region } = source.nodes[link.from]
      added(entry(sizes, `${side} ${column} ${region}`, () => new Float64Array(link.flow.length)), link.flow)
    }
  }
  const columns = new Map<string, Map<string, number>>()
  for (const [key, series] of sizes) {
    const [, column, ...region] = key.split(' ')
    const regions = entry(columns, column, () => new Map<string, number>())
    const id = region.join(' ')
    regions.set(id, Math.max(regions.get(id) ?? 0, peak(series, read)))
  }
  const kept = new Set<string>()
  for (const [column, regions] of columns) {
    const ranked = [...regions].filter(([, size]) => size > 0).sort(([, a], [, b]) => b - a)
    // Stock is not a country that could be one of many: it always stands for itself.
    const room = ranked.length > keep ? keep - 1 : keep
    ranked.slice(0, room).forEach(([region]) => kept.add(`${column} ${region}`))
    if (regions.has(stock)) kept.add(`${column} ${stock}`)
  }
  return kept
}

function keptUsers(flows: Flows, trace: string, read: number, keep: number): Map<string, FlowGroup> {
  const groups = flows.groups.filter((group) => trace === '' || group.id === trace)
  const military = groups.filter((group) => group.end_use === 'military')
  const civil = groups
    .filter((group) => group.end_use !== 'military')
    .sort((a, b) => peak(b.required, read) - peak(a.required, read))
  const size = (group: FlowGroup) => peak(group.required, read)
  military.sort((a, b) => size(b) - size(a))
  const room = groups.length > keep ? keep - 1 : keep
  const forMilitary = Math.min(military.length, Math.max(room - civil.length, Math.ceil(room / 2)))
  const kept = [...military.slice(0, forMilitary), ...civil.slice(0, room - forMilitary)]
  return new Map(kept.map((group) => [group.id, group]))
}

export function flowGraph(flows: Flows, ghost: Flows | null, trace: string, read: number, regions: Region[]): FlowGraph {
  const names = new Map(regions.map((region) => [region.id, region.name]))
  const text: Names = {
    node: (id) => (id === stock ? 'From stock' : id === other ? 'Other' : (names.get(id) ?? id)),
    group: (group) => group.name,
  }
  const comparable = ghost && ghost.columns.join() === flows.columns.join() ? ghost : null
  for (let keep = mostInColumn; ; keep--) {
    const graph = gathered(flows, comparable, trace, read, text, keep)
    if (keep <= 3 || (graph.nodes.length <= mostNodes + mostUsers && graph.links.length <= mostLinks)) return graph
  }
}
