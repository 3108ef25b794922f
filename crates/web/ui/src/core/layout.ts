// Where the nodes and links of the Sankey stand. Places come from the largest flow within the readable time, so that the
// slider only changes widths and heights. Pure: sizes in, coordinates out.
import { other, stock, type FlowGraph, type GraphLink, type GraphNode } from './flowgraph'

export interface PlacedNode extends GraphNode { x: number; y: number; height: number }

export interface PlacedLink extends Omit<GraphLink, 'from' | 'to'> { from: PlacedNode; to: PlacedNode }

export interface Skeleton {
  width: number; height: number; bar: number
  /** Pixels a unit of flow. */
  scale: number
  /** Room for a label beside a bar, up to the next column. */
  room: number; userRoom: number
  columns: { label: string; x: number }[]
  nodes: PlacedNode[]; links: PlacedLink[]
  narrow: boolean
}

const top = 26
const gap = 19
const leastHeight = 3

export function layout(graph: FlowGraph, width: number): Skeleton {
  const narrow = width < 620
  const bar = narrow ? 8 : 12
  const userRoom = narrow ? 96 : Math.min(310, width * 0.24)
  const last = graph.columns.length - 1
  const apart = (width - userRoom - bar) / Math.max(1, last)

  const nodes: PlacedNode[] = graph.nodes.map((node) => ({ ...node, x: node.column * apart, y: 0, height: 0 }))
  const placed = new Map(nodes.map((node) => [node.key, node]))

  const columns = graph.columns.map((_, column) => nodes.filter((node) => node.column === column).sort(bySize))
  const most = Math.max(0, ...columns.map((column) => column.length))
  const height = Math.max(narrow ? 470 : 452, top + most * (gap + leastHeight) + 240)
  const scale = Math.min(
    ...columns
      .filter((column) => column.length)
      .map((column) => {
        const room = height - top - (column.length - 1) * gap - column.length * leastHeight
        return room / column.reduce((sum, node) => sum + node.size, 0)
      }),
  )
  const single = (columns[last]?.length ?? 0) === 1
  for (const column of columns) {
    const size = (node: PlacedNode) => Math.max(leastHeight, node.size * scale)
    const used = column.reduce((sum, node) => sum + size(node) + gap, -gap)
    // One user alone stands in the middle, and what leads to it does, too.
    let y = top + (single ? (height - top - used) / 2 : 0)
    for (const node of column) {
      node.y = y
      node.height = size(node)
      y += node.height + gap
    }
  }
  return {
    width, height, bar, narrow, userRoom, nodes,
    scale: Number.isFinite(scale) ? scale : 0,
    room: apart - bar,
    columns: graph.columns.map((label, column) => ({ label, x: column * apart })),
    links: graph.links.map((link) => ({ ...link, from: placed.get(link.from.key)!, to: placed.get(link.to.key)! })),
  }
}

function bySize(a: GraphNode, b: GraphNode): number {
  // Stock of the start is soon gone: at the foot it leaves no hole among the others.
  const low = (node: GraphNode) => (node.region === stock ? 2 : node.region === other && !node.user ? 1 : 0)
  return low(a) - low(b) || b.size - a.size
}

/** `value` says how much of a figure there is room for: all of it, all but what comes from stock, or nothing. */
export interface Label { lines: 1 | 2; text: string; value: 'full' | 'brief' | ''; y: number }

/** How a node is labelled so that nothing touches the next column or the next label. `measure` gives a text's width;
 *  `values` is what a figure takes at most, in full and in brief. */
export function labelOf(
  node: PlacedNode, skeleton: Skeleton, values: { full: number; brief: number }, measure: (text: string, bold: boolean) => number,
): Label {
  const user = node.user !== undefined
  const room = (user ? skeleton.userRoom : skeleton.room) - 14
  const full = measure(node.name, user)
  const middle = node.y + node.height / 2
  // Beside a thin band a label would hide it; above it there is the gap between nodes.
  const above = !user && node.height < 20 && node.y > top + 1
  const y = above ? node.y - 7 : middle
  if (skeleton.narrow) return { lines: 1, text: node.short, value: '', y }
  const fitting = () => shortened(node.name, room, (text) => measure(text, user))
  if (node.height >= 34 && values.full <= room) return { lines: 2, text: fitting(), value: 'full', y }
  if (full + values.full + 8 <= room) return { lines: 1, text: node.name, value: 'full', y }
  if (full + values.brief + 8 <= room) return { lines: 1, text: node.name, value: 'brief', y }
  return { lines: 1, text: fitting(), value: '', y }
}

/** As much of a text as fits, with an ellipsis. */
export function shortened(text: string, room: number, measure: (text: string) => number): string {
  if (measure(text) <= room) return text
  let length = text.length
  while (length > 1 && measure(`${text.slice(0, length).trimEnd()}…`) > room) length--
  return `${text.slice(0, length).trimEnd()}…`
}
