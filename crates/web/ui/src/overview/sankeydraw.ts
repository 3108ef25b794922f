// What moves in the Sankey: widths, heights and figures at a time. The skeleton stays.
import { bandStacker, type Side } from '../core/bands'
import { amount, percent } from '../core/format'
import type { Label, PlacedLink, PlacedNode, Skeleton } from '../core/layout'
import { at } from '../core/series'
import { say, set } from '../lib/attributes'

// A node that has nothing of what it has at most, now and without measures, is not named.
const least = 0.004

export interface Figures { value: number; share: number; red: boolean; text: string }

/** The figures of a node at a time; `share` is of what flows without measures, of a user of what it needs. */
export function figuresOf(node: PlacedNode, time: number, unit: string, brief = false): Figures {
  if (node.user) {
    const required = at(node.user.required, time)
    const value = at(node.user.met, time)
    const share = required > 0 ? value / required : 1
    const drawn = value > 0 ? at(node.user.fromStock, time) / value : 0
    const more = share < 0.97 ? `, ${percent(share)}` : drawn > 0.03 && !brief ? `, ${percent(Math.min(1, drawn))} from stock` : ''
    return { value, share, red: share < 0.9, text: amount(value, unit) + more }
  }
  const value = at(node.actual, time)
  const ghost = at(node.ghost, time)
  const share = ghost > 0 ? value / ghost : 1
  return { value, share, red: share < 0.85, text: amount(value, unit) + (share < 0.97 ? `, ${percent(share)}` : '') }
}

/** Writes the bands of one side: their path and width, in tenths of a pixel. */
function bandPainter(elements: Element[], skeleton: Skeleton, side: Side): (time: number) => void {
  const stacked = bandStacker(skeleton, side)
  const tenth = (value: number) => Math.round(value * 10) / 10
  const frames = skeleton.links.map((link) => {
    const x0 = link.from.x + skeleton.bar
    return { start: `M${tenth(x0)},`, middle: tenth((x0 + link.to.x) / 2), end: tenth(link.to.x) }
  })
  return (time) => {
    const { leave, arrive, width } = stacked(time)
    for (let link = 0; link < elements.length; link++) {
      const element = elements[link]
      set(element, 'stroke-width', width[link] > 0 ? String(Math.max(0.7, tenth(width[link]))) : '0')
      if (width[link] === 0) continue
      const { start, middle, end } = frames[link]
      const y0 = tenth(leave[link])
      const y1 = tenth(arrive[link])
      set(element, 'd', `${start}${y0}C${middle},${y0} ${middle},${y1} ${end},${y1}`)
    }
  }
}

/** Looks the parts of the drawing up once; what comes back draws a time. */
export function sankeyPainter(svg: SVGSVGElement, skeleton: Skeleton, labels: Label[], unit: string): (time: number) => void {
  const bands = bandPainter([...svg.querySelectorAll('.lk')], skeleton, 'actual')
  const pale = bandPainter([...svg.querySelectorAll('.lkg')], skeleton, 'ghost')
  const parts = [...svg.querySelectorAll('.nd')].map((group) => ({
    missing: group.querySelector('.missing')!,
    stock: group.querySelector('.stock'),
    fill: group.querySelector('.fill')!,
    value: group.querySelector('.value'),
    names: [...group.querySelectorAll('text')],
  }))

  const paintNode = (node: PlacedNode, index: number, time: number) => {
    const part = parts[index]
    const pixels = (value: number) => Math.min(node.height, (node.size > 0 ? Math.max(0, value) / node.size : 0) * node.height)
    const figures = figuresOf(node, time, unit, labels[index].value === 'brief')
    const drawn = node.user ? Math.min(figures.value, at(node.user.fromStock, time)) : 0
    const whole = node.user ? Math.max(figures.value, at(node.user.required, time)) : Math.max(figures.value, at(node.ghost, time))
    const filled = pixels(figures.value - drawn)
    const used = pixels(figures.value)
    const gap = pixels(whole) - used
    set(part.fill, 'height', filled.toFixed(1))
    if (part.stock) {
      set(part.stock, 'y', (node.y + filled).toFixed(1))
      set(part.stock, 'height', (used - filled).toFixed(1))
    }
    set(part.missing, 'y', (node.y + used).toFixed(1))
    set(part.missing, 'height', gap < 0.6 ? '0' : gap.toFixed(1))
    const named = node.user !== undefined || whole > node.size * least
    for (const name of part.names) set(name, 'visibility', named ? 'visible' : 'hidden')
    if (part.value) {
      say(part.value, figures.text)
      set(part.value, 'class', figures.red ? 'value t-n t-short' : 'value t-n')
    }
  }

  return (time) => {
    bands(time)
    pale(time)
    skeleton.nodes.forEach((node, index) => paintNode(node, index, time))
  }
}

export function linkTip(link: PlacedLink, time: number, unit: string, per: string, than: string): string[] {
  const value = at(link.actual, time)
  const ghost = at(link.ghost, time)
  const lines = [`${link.from.name} → ${link.to.name}`, `${amount(value, unit)} a ${per}`]
  if (ghost > 0) lines.push(`${percent(value / ghost)} of the flow ${than}`)
  return lines
}

export function nodeTip(node: PlacedNode, time: number, unit: string, per: string, than: string): string[] {
  const { value, share } = figuresOf(node, time, unit)
  const lines = [node.name, `${amount(value, unit)} a ${per}`]
  if (node.user) {
    lines.push(`${percent(Math.min(1, share))} of demand met`)
    const drawn = at(node.user.fromStock, time)
    if (drawn > 0) lines.push(`${amount(drawn, unit)} drawn from stock`)
  } else if (at(node.ghost, time) > 0) lines.push(`${percent(share)} of the flow ${than}`)
  return lines
}
