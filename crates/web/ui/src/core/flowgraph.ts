// The flows of a run and of the run without measures as one graph: nodes and links carry both, one number a step.
// Small nodes are gathered as "Other" until the drawing stays readable.
import type { FlowGroup, FlowNode, Flows } from './contract'
import { added, peak } from './series'

export const other = 'other'
export const stock = 'stock'

export interface GraphNode {
  key: string
  column: number
  /** Region id, `stock` or `other`; of a user the region it is in. */
  region: string
  /** A column may hold two stages: which one this node belongs to; empty for users. */
  stage: string
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

type Side = 'actual' | 'ghost'

const mostNodes = 60
const mostLinks = 200
const mostInColumn = 11
const mostUsers = 15
/** A country that never has this share of the largest of its column is no node of its own. */
const worthNaming = 0.003

const keyOf = (node: FlowNode) => `${node.column} ${node.stage} ${node.region}`
const otherKey = (node: FlowNode) => `${node.column} ${other}`

/** One graph with at most `keep` nodes a column; of users the military ones stay. */
function gathered(flows: Flows, ghost: Flows | null, trace: string, read: number, keep: number): FlowGraph {
  const steps = flows.groups[0]?.required.length ?? 0
  const last = flows.columns.length
  const pairs: [Side, Flows][] = ghost ? [['actual', flows], ['ghost', ghost]] : [['actual', flows]]
  const traced = (source: Flows, group: number) => trace === '' || source.groups[group].id === trace

  const kept = keptNodes(pairs, traced, read, keep)
  const users = keptUsers(flows, trace, read, mostUsers)
  const nodes = new Map<string, GraphNode>()
  const links = new Map<string, GraphLink>()
  const arrived = new Map<string, Float64Array>()
  const both = () => ({ actual: new Float64Array(steps), ghost: new Float64Array(steps), size: 0 })

  const node = (source: Flows, index: number): GraphNode => {
    const one = source.nodes[index]
    const alone = kept.has(keyOf(one))
    return entry(nodes, alone ? keyOf(one) : otherKey(one), (key) => ({
      key, column: one.column, region: alone ? one.region : other, stage: one.stage,
      name: alone ? nodeName(flows, one) : 'Other',
      short: alone ? shortNode(flows, one) : 'Other', ...both(),
    }))
  }
  const user = (group: FlowGroup): GraphNode => {
    const alone = users.has(group.id)
    return entry(nodes, alone ? `user ${group.id}` : 'user', (key) => ({
      key, column: last, region: (alone && group.region) || other, stage: '',
      name: alone ? group.name : 'Other users', short: alone ? shortUser(group) : 'Others', ...both(),
      user: {
        group: alone ? group : null,
        required: new Float64Array(steps), met: new Float64Array(steps), fromStock: new Float64Array(steps),
      },
    }))
  }

  flows.groups.forEach((group, index) => {
    if (!traced(flows, index)) return
    const figures = user(group).user!
    added(figures.required, group.required)
    added(figures.met, group.met)
    added(figures.fromStock, group.from_stock)
  })
  for (const [side, source] of pairs) {
    for (const link of source.links) {
      if (!traced(source, link.group)) continue
      const from = node(source, link.from)
      const to = link.to === null ? user(source.groups[link.group]) : node(source, link.to)
      const one = entry(links, `${from.key}>${to.key}`, () => ({ from, to, ...both() }))
      added(one[side], link.flow)
      added(from[side], link.flow)
      added(entry(arrived, `${side}${to.key}`, () => new Float64Array(steps)), link.flow)
    }
  }

  // A node mostly gives what it gets; a user only gets, and what is worked on within a stage is given elsewhere.
  for (const one of nodes.values()) {
    for (const [side] of pairs) {
      arrived.get(side + one.key)?.forEach((value, step) => (one[side][step] = Math.max(one[side][step], value)))
    }
  }

  const size = (one: { actual: Float64Array; ghost: Float64Array }) => Math.max(peak(one.actual, read), peak(one.ghost, read))
  for (const one of nodes.values()) {
    one.size = Math.max(size(one), one.user ? peak(one.user.required, read) : 0, one.user ? peak(one.user.met, read) : 0)
  }
  for (const one of links.values()) one.size = size(one)
  const drawn = [...links.values()].filter((link) => link.size > 0)
  const linked = new Set(drawn.flatMap((link) => [link.from, link.to]))
  return {
    columns: [...flows.columns, 'use'],
    nodes: [...nodes.values()].filter((one) => one.size > 0 || linked.has(one)),
    links: drawn, unit: flows.unit, hasGhost: ghost !== null,
  }
}

/** Where a column holds two stages, the nodes of the second say which one. */
/** Of the stages that share a column the first needs no name. */
const isFirst = (flows: Flows, node: FlowNode) => node.stage === flows.columns[node.column].split(' and ')[0]

function nodeName(flows: Flows, node: FlowNode): string {
  return node.region === stock || isFirst(flows, node) ? node.name : `${node.name}, ${node.stage}`
}

function shortNode(flows: Flows, node: FlowNode): string {
  if (node.region === stock) return 'Stock'
  return isFirst(flows, node) ? node.region : `${node.region} ${node.stage}`
}

function shortUser(group: FlowGroup): string {
  return `${group.region ?? 'Other'} ${group.end_use === 'military' ? 'def.' : 'civil'}`
}

function entry<K, T>(map: Map<K, T>, key: K, make: (key: K) => T): T {
  let value = map.get(key)
  if (!value) map.set(key, (value = make(key)))
  return value
}

/** Keys of the nodes that stand for themselves: the largest of each column, and stock, which is not one country of many. */
function keptNodes(
  pairs: [Side, Flows][], traced: (source: Flows, group: number) => boolean, read: number, keep: number,
): Set<string> {
  const series = new Map<string, Float64Array>()
  const columns = new Map<number, Map<string, FlowNode>>()
  for (const [side, source] of pairs) {
    for (const link of source.links) {
      if (!traced(source, link.group)) continue
      for (const [end, index] of [['from', link.from], ['to', link.to]] as const) {
        if (index === null) continue
        const node = source.nodes[index]
        entry(columns, node.column, () => new Map<string, FlowNode>()).set(keyOf(node), node)
        added(entry(series, side + end + keyOf(node), () => new Float64Array(link.flow.length)), link.flow)
      }
    }
  }
  const size = (key: string) =>
    Math.max(...pairs.flatMap(([side]) => ['from', 'to'].map((end) => peak(series.get(side + end + key) ?? [], read))))
  const kept = new Set<string>()
  for (const nodes of columns.values()) {
    const ranked = [...nodes.values()]
      .filter((node) => node.region !== stock)
      .map((node) => ({ key: keyOf(node), size: size(keyOf(node)) }))
      .sort((a, b) => b.size - a.size)
      .filter((node, _, all) => node.size > all[0].size * worthNaming)
    const room = ranked.length > keep ? keep - 1 : keep
    ranked.slice(0, room).forEach((node) => kept.add(node.key))
    for (const [key, node] of nodes) if (node.region === stock) kept.add(key)
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

/** `ghost` counts only where it has the same columns and steps. */
export function flowGraph(flows: Flows, ghost: Flows | null, trace: string, read: number): FlowGraph {
  const steps = (one: Flows) => one.groups[0]?.required.length
  const comparable = ghost && ghost.columns.join() === flows.columns.join() && steps(ghost) === steps(flows) ? ghost : null
  for (let keep = mostInColumn; ; keep--) {
    const graph = gathered(flows, comparable, trace, read, keep)
    if (keep <= 3 || (graph.nodes.length <= mostNodes && graph.links.length <= mostLinks)) return graph
  }
}
