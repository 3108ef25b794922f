// Where the bands of the Sankey run at a time: at each node those that leave, and those that arrive, stand one below the
// other, so that together they are as high as the node's bar. The order never changes, and the nodes stay where they are.
import type { PlacedLink, PlacedNode, Skeleton } from './layout'
import { at } from './series'

export type Side = 'actual' | 'ghost'

/** Middle of each band where it leaves and where it arrives, and its width, in pixels. */
export interface Bands { leave: Float64Array; arrive: Float64Array; width: Float64Array }

// Less than this share of a band's largest width is no band.
const least = 0.004

export function bandStacker(skeleton: Skeleton, side: Side): (time: number) => Bands {
  const { links, nodes, scale } = skeleton
  const count = links.length
  const bands: Bands = { leave: new Float64Array(count), arrive: new Float64Array(count), width: new Float64Array(count) }
  const index = new Map(nodes.map((node, place) => [node, place]))
  const ends = (of: (link: PlacedLink) => PlacedNode, other: (link: PlacedLink) => PlacedNode) => ({
    node: Int32Array.from(links, (link) => index.get(of(link))!),
    order: Int32Array.from([...links.keys()].sort((a, b) => other(links[a]).y - other(links[b]).y)),
  })
  const from = ends((link) => link.from, (link) => link.to)
  const to = ends((link) => link.to, (link) => link.from)
  const tops = Float64Array.from(nodes, (node) => node.y)
  const used = new Float64Array(nodes.length)

  const stack = ({ node, order }: typeof from, into: Float64Array) => {
    used.set(tops)
    for (const link of order) {
      const place = node[link]
      into[link] = used[place] + bands.width[link] / 2
      used[place] += bands.width[link]
    }
  }

  return (time) => {
    for (let link = 0; link < count; link++) {
      const value = at(links[link][side], time)
      bands.width[link] = value > links[link].size * least ? value * scale : 0
    }
    stack(from, bands.leave)
    stack(to, bands.arrive)
    return bands
  }
}
