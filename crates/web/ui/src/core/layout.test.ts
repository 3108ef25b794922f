import { describe, expect, it } from 'vitest'
import { bandStacker, type Side } from './bands'
import type { FlowGroup, FlowNode, Flows } from './contract'
import { flowGraph } from './flowgraph'
import { labelOf, layout, shortened } from './layout'
import { at } from './series'
import { sankeyCsv } from './sankeycsv'

const node = (column: number, stage: string, region: string): FlowNode => ({ column, stage, region, name: region })
const group = (id: string, required: number[], met: number[], from_stock: number[]): FlowGroup => ({
  id, name: `${id} users`, region: id, end_use: 'civil', demands: [], required, met, from_stock,
})

const flows: Flows = {
  stage: 'magnet', measure: 'quantity', unit: 't', columns: ['ore and scrap', 'magnet'],
  nodes: [node(0, 'ore', 'CHN'), node(0, 'scrap', 'CHN'), node(0, 'ore', 'stock'), node(1, 'magnet', 'CHN'), node(1, 'magnet', 'JPN')],
  groups: [group('CHN', [10, 10], [10, 10], [0, 0]), group('JPN', [8, 8], [8, 4], [0, 1])],
  links: [
    { from: 0, to: 3, group: 0, flow: [6, 7] }, { from: 1, to: 3, group: 0, flow: [4, 3] }, { from: 3, to: null, group: 0, flow: [10, 10] },
    { from: 0, to: 4, group: 1, flow: [5, 2] }, { from: 2, to: 4, group: 1, flow: [3, 2] }, { from: 4, to: null, group: 1, flow: [8, 4] },
  ],
}
const ghost: Flows = { ...flows, links: flows.links.map((link) => ({ ...link, flow: [link.flow[0], link.flow[0]] })) }

describe('the Sankey', () => {
  const graph = flowGraph(flows, ghost, '', 2)
  const skeleton = layout(graph, 1000)

  it('has bands that together are as high as their node, on both sides and at every time', () => {
    for (const side of ['actual', 'ghost'] as Side[]) {
      const stacked = bandStacker(skeleton, side)
      for (const time of [0, 0.4, 1]) {
        const { width, leave, arrive } = stacked(time)
        for (const one of skeleton.nodes) {
          const out = skeleton.links.flatMap((link, index) => (link.from === one ? [index] : []))
          const into = skeleton.links.flatMap((link, index) => (link.to === one ? [index] : []))
          for (const [links, middle] of [[out, leave], [into, arrive]] as const) {
            if (!links.length) continue
            const sum = links.reduce((total, index) => total + width[index], 0)
            expect(sum).toBeCloseTo(at(one[side], time) * skeleton.scale, 6)
            const top = Math.min(...links.map((index) => middle[index] - width[index] / 2))
            const foot = Math.max(...links.map((index) => middle[index] + width[index] / 2))
            expect(top).toBeCloseTo(one.y, 6)
            expect(foot).toBeCloseTo(one.y + sum, 6)
            expect(foot).toBeLessThanOrEqual(one.y + one.height + 1e-6)
          }
        }
      }
    }
  })

  it('keeps nodes of a column apart and inside', () => {
    for (const column of skeleton.columns.keys()) {
      const nodes = skeleton.nodes.filter((one) => one.column === column).sort((a, b) => a.y - b.y)
      nodes.slice(1).forEach((one, index) => expect(one.y).toBeGreaterThan(nodes[index].y + nodes[index].height + 10))
      expect(Math.max(...nodes.map((one) => one.y + one.height))).toBeLessThanOrEqual(skeleton.height + 1e-6)
    }
  })

  it('names the second stage of a column, and traces one user', () => {
    expect(graph.nodes.map((one) => one.name)).toContain('CHN, scrap')
    const traced = flowGraph(flows, ghost, 'JPN', 2)
    expect(traced.nodes.map((one) => one.name).sort()).toEqual(['CHN', 'JPN', 'JPN users', 'stock'])
  })

  it('gathers small makers until nodes and links are few', () => {
    const many = Array.from({ length: 40 }, (_, index) => index)
    const crowd: Flows = {
      ...flows, columns: ['ore'],
      nodes: many.map((index) => node(0, 'ore', `R${index}`)),
      links: many.flatMap((index) => [0, 1].map((user) => ({ from: index, to: null, group: user, flow: [40 - index, 40 - index] }))),
    }
    const small = flowGraph(crowd, null, '', 2)
    expect(small.nodes.filter((one) => one.column === 0).length).toBeLessThanOrEqual(12)
    const used = (side: 'actual') => small.links.reduce((sum, link) => sum + link[side][0], 0)
    expect(used('actual')).toBe(2 * many.reduce((sum, index) => sum + 40 - index, 0))
    expect(small.hasGhost).toBe(false)
  })

  it('takes no ghost of another calendar', () => {
    const quarterly: Flows = { ...ghost, groups: ghost.groups.map((one) => ({ ...one, required: [18] })) }
    expect(flowGraph(flows, quarterly, '', 2).hasGhost).toBe(false)
  })

  it('labels with what there is room for', () => {
    const wide = (text: string) => text.length * 7
    const user = skeleton.nodes.find((one) => one.name === 'JPN users')!
    expect(labelOf(user, skeleton, { full: 100, brief: 60 }, wide)).toMatchObject({ text: 'JPN users', value: 'full' })
    expect(labelOf(user, skeleton, { full: 900, brief: 900 }, wide).value).toBe('')
    expect(shortened('United Kingdom', 50, wide)).toBe('United…')
  })

  it('is exported as it is drawn', () => {
    const lines = sankeyCsv(graph, 1, '2025-02', 'without measures').split('\r\n')
    expect(lines[0]).toBe('month,kind,stage,from,to,unit,flow,without_measures,required,from_stock')
    expect(lines).toContain('2025-02,flow,ore,CHN,JPN,t,2,5,,')
    expect(lines).toContain('2025-02,use,use,,JPN users,t,4,8,8,1')
  })
})
