// The numbers behind the Sankey at one step, as they are.
import { csv, type Cell } from './csv'
import type { FlowGraph, GraphNode } from './flowgraph'

/** `than` says what the pale flows are. */
export function sankeyCsv(graph: FlowGraph, step: number, month: string, than: string): string {
  const header = ['month', 'kind', 'stage', 'from', 'to', 'unit', 'flow', than.replaceAll(' ', '_'), 'required', 'from_stock']
  const stage = (node: GraphNode) => node.stage || graph.columns[node.column]
  const ghost = (series: Float64Array) => (graph.hasGhost ? series[step] : null)
  const rows: Cell[][] = graph.links.map((link) => [
    month, 'flow', stage(link.from), link.from.name, link.to.name, graph.unit, link.actual[step], ghost(link.ghost), null, null,
  ])
  for (const node of graph.nodes) {
    rows.push(
      node.user
        ? [month, 'use', 'use', null, node.name, graph.unit, node.user.met[step], ghost(node.ghost), node.user.required[step], node.user.fromStock[step]]
        : [month, 'node', stage(node), node.name, null, graph.unit, node.actual[step], ghost(node.ghost), null, null],
    )
  }
  return csv(header, rows)
}
