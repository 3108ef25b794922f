// What changes on the map from month to month: shades, lines, figures and the bars beneath.
import { percent } from '../core/format'
import { isCut, shareClass, wholeOf, type Maker, type PairedLane } from '../core/worldshares'
import { say, set } from '../lib/attributes'
import { textWidth } from '../lib/measure'

export interface Bars { left: number; right: number; rows: Maker[][] }

export interface Drawn {
  makers: Maker[]
  places: Map<string, [number, number]>
  lanes: PairedLane[]
  /** The largest flow of a lane, which has the widest line. */
  most: number
  bars: Bars
}

const leastLabel = 0.04

export function mapPainter(svg: SVGSVGElement, drawn: Drawn): (step: number) => void {
  const byRegion = (selector: string) =>
    new Map([...svg.querySelectorAll(selector)].map((element) => [element.getAttribute('data-region')!, element]))
  const areas = byRegion('.area')
  const dots = byRegion('.dot')
  const labels = byRegion('.label')
  const lines = [...svg.querySelectorAll('.lane')]
  const rows = [...svg.querySelectorAll('.bar')].map((row) => ({
    boxes: [...row.querySelectorAll('rect')],
    texts: [...row.querySelectorAll('.share')],
  }))

  const paintShares = (step: number) => {
    const whole = wholeOf(drawn.makers, step)
    const taken: [number, number, number, number][] = []
    const ranked = drawn.makers.toSorted((a, b) => b.made[step] - a.made[step])
    for (const maker of ranked) {
      const share = whole > 0 ? maker.made[step] / whole : 0
      const shade = shareClass(share)
      const fill = shade ? `var(--q${shade})` : 'var(--land)'
      const area = areas.get(maker.region)
      if (area) set(area, 'fill', fill)
      const dot = dots.get(maker.region)
      if (dot) set(dot, 'fill', fill)
      const label = labels.get(maker.region)
      const place = drawn.places.get(maker.region)
      if (!label || !place) continue
      const text = percent(share)
      const half = textWidth(text, 12.5, true) / 2 + 3
      const box: [number, number, number, number] = [place[0] - half, place[1] - 9, place[0] + half, place[1] + 9]
      const free = share >= leastLabel && !taken.some((one) => box[0] < one[2] && box[2] > one[0] && box[1] < one[3] && box[3] > one[1])
      if (free) taken.push(box)
      say(label, free ? text : '')
    }
  }

  const paintLanes = (step: number) => {
    drawn.lanes.forEach((lane, index) => {
      const cut = isCut(lane, step)
      const size = cut ? lane.ghost![step] : lane.flow[step]
      const seen = size > drawn.most * 0.004
      set(lines[index], 'stroke-width', seen ? (0.6 + 2.6 * Math.sqrt(size / drawn.most)).toFixed(2) : '0')
      set(lines[index], 'class', cut ? 'lane cut' : 'lane')
    })
  }

  const paintBars = (step: number) => {
    const { left, right } = drawn.bars
    drawn.bars.rows.forEach((makers, row) => {
      const whole = wholeOf(makers, step)
      let x = left
      makers.forEach((maker, index) => {
        const share = whole > 0 ? maker.made[step] / whole : 0
        const width = share * (right - left)
        set(rows[row].boxes[index], 'x', x.toFixed(1))
        set(rows[row].boxes[index], 'width', Math.max(0, width - 1).toFixed(1))
        set(rows[row].texts[index], 'x', (x + 6).toFixed(1))
        const full = `${maker.name} ${percent(share)}`
        const short = maker.region.length === 3 ? maker.region : maker.name
        const fits = (text: string) => textWidth(text, 12, true) + 10 < width
        say(rows[row].texts[index], fits(full) ? full : fits(short) ? short : '')
        x += width
      })
    })
  }

  return (step) => {
    paintShares(step)
    paintLanes(step)
    paintBars(step)
  }
}
