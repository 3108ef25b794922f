import { describe, expect, it } from 'vitest'
import { concentrationCsv, diagramOf, entryOf, figuresOf, kindOf, lostNeeds, lossesCsv, marksOf, rankedCsv, sentence } from './chokepoints'
import type { Chokepoints, Demand, Flows, Ranked, View } from './contract'
import { flowGraph } from './flowgraph'

const ranked = (id: string, kind: Ranked['kind'], stage: string, regions: string[], changed: Partial<Ranked> = {}): Ranked => ({
  id, kind, name: `name of ${id}`, stage, regions, share: 0.915, hhi: 0.846, n1_carried: null, cuts: 3, largest_cut: 0.5,
  one_percent: 0, one_more: 0, when: null, set_by: null, ...changed,
})
const stage = ranked('CHN:oxide', 'stage', 'oxide', ['CHN'], { one_percent: 1.5e9, set_by: 'capacity' })
const site = ranked('sep, "north"', 'site', 'oxide', ['CHN'])
const lane = ranked('mag:CHN>USA', 'lane', 'magnet', ['CHN', 'USA'], { one_percent: 2e6, set_by: 'measure' })
const through = ranked('mag:(re-exports)', 're-exports', 'magnet', [])
const found: Chokepoints = {
  from: '2025-01-01', until: '2026-01-01', needs: 12, stages: [stage], sites: [site], lanes: [lane, through],
  concentration: [{
    stage: 'oxide', output: 9e9, countries: [{ region: 'CHN', share: 0.9 }, { region: 'MYS', share: 0.1 }], hhi: 0.82,
    hhi_by_owner: [0.2, 0.4], unknown_owner: 0.6, n1: 0.1, n1_carried: null,
  }],
}

const flows = (name: string, nodes: [number, string, string][]): Flows => ({
  stage: name, measure: 'quantity', unit: 't', columns: ['oxide', 'magnet'],
  nodes: nodes.map(([column, of, region]) => ({ column, stage: of, region, name: region })),
  groups: ['USA', 'JPN'].map((region) => ({
    id: region, name: region, region, end_use: 'civil', demands: [], required: [5, 5], met: [5, 5], from_stock: [0, 0],
  })),
  links: [
    { from: 0, to: 1, group: 0, flow: [5, 5] }, { from: 0, to: 1, group: 1, flow: [5, 5] },
    { from: 1, to: null, group: 0, flow: [5, 5] }, { from: 1, to: null, group: 1, flow: [5, 5] },
  ],
})
const magnets = flows('magnet', [[0, 'oxide', 'CHN'], [1, 'magnet', 'CHN']])

const demand = (id: string, cost: number, unmet: number): Demand => ({
  id, name: `need, ${id}`, region: 'USA', end_use: 'military', unit: 't', required: [9, 9], met: [9 - unmet, 9], unmet: [unmet, 0],
  first: unmet ? '2025-01-01' : null, late: false, cost,
})
const view = (demands: Demand[], unmet: number): View => ({
  view: 1, model: '', model_hash: '', scenario: '', scenario_id: null, scenario_hash: '', story: '', foresight: 'perfect', preview: false,
  without: null, currency: 'USD', version: '', command: null, objective: unmet, unmet_value: unmet,
  calendar: { unit: 'month', days: ['2025-01-01', '2025-02-01'], end: '2025-03-01', read: 2 }, headline: { text: '', strong: [] },
  key: [], regions: [], demands, policies: [], events: [], stages: [], trade: [], flows: [flows('wafer', [[0, 'sand', 'USA'], [1, 'wafer', 'USA']]), magnets],
  losses: [], chokepoints: found,
})

describe('chokepoints', () => {
  it('finds a node in its list', () => {
    expect([kindOf(found, 'CHN:oxide'), kindOf(found, 'mag:CHN>USA'), kindOf(found, 'CHN')]).toEqual(['stages', 'lanes', null])
    expect([entryOf(found, 'sep, "north"'), entryOf(found, ''), entryOf(null, 'CHN:oxide')]).toEqual([site, null, null])
  })

  it('says where it is and what that would save', () => {
    expect(sentence(found, 'USD')).toEqual({
      text:
        'Capacity is shortest in name of CHN:oxide: 1% more there throughout would save $1.5\u00a0bn. ' +
        'Of lanes, 1% more room for name of mag:CHN>USA would save most ($2\u00a0m, limited by a measure).',
      strong: ['name of CHN:oxide', '$1.5\u00a0bn'],
    })
    expect(sentence({ ...found, stages: [] }, 'USD').text).toMatch(/^No capacity is short. The bottleneck is the lane name of mag:CHN>USA: .*\$2\u00a0m/)
    expect(sentence({ ...found, stages: [], lanes: [] }, 'USD').strong).toEqual([])
  })

  it('leaves out what is not known of a node', () => {
    expect(figuresOf(stage, 12)).toEqual(['92% of output', 'HHI 8,460', 'in 3 of 12 min-cuts', 'limited by capacity'])
    expect(figuresOf(stage, 12, true)).toEqual(['92%', 'HHI 8,460', '3 min-cuts'])
    expect(figuresOf({ ...through, share: null, hhi: null }, 12)).toEqual(['in 3 of 12 min-cuts'])
  })

  it('shows a node in the diagram that has it, a lane by its links', () => {
    const whole = view([], 0)
    expect([diagramOf(whole, lane), diagramOf(whole, site), diagramOf(whole, null)]).toEqual(['magnet', 'magnet', 'wafer'])
    expect(diagramOf({ ...whole, flows: [] }, site)).toBe('')
    const graph = flowGraph(magnets, null, '', 2)
    const names = (entry: Ranked | null) => {
      const { nodes, links } = marksOf(entry, graph)
      return [[...nodes], [...links].map((link) => `${graph.links[link].from.name} ${graph.links[link].to.name}`)]
    }
    expect(names(stage)[1]).toEqual(['CHN CHN, magnet'].map(() => expect.stringMatching(/^CHN CHN/)))
    expect(names(lane)[1]).toEqual(['CHN USA'])
    expect(names(lane)[0]).toHaveLength(1)
    expect([names(through), names(null)]).toEqual([[[], []], [[], []]])
  })

  it('lists what is lost, the costliest first, and not what fares better', () => {
    const before = view([demand('a', 1e6, 1), demand('b', 0, 0), demand('c', 5e6, 5)], 6e6)
    const after = view([demand('a', 3e6, 3), demand('b', 9e6, 9), demand('c', 4e6, 4)], 16e6)
    const rows = lostNeeds(before, after)
    expect(rows.map((one) => [one.id, one.cost, one.unmetBefore, one.unmetAfter])).toEqual([['b', 9e6, 0, 9], ['a', 2e6, 1, 3]])
    expect(lossesCsv(rows, 'USD').split('\r\n')[1]).toBe('b,"need, b",military,t,0,9,,2025-01-01,9000000,USD')
  })

  it('writes figures as they are', () => {
    const lines = rankedCsv(found).split('\r\n')
    expect(lines).toHaveLength(6)
    expect(lines[1]).toBe('stage,CHN:oxide,name of CHN:oxide,0.915,0.846,,3,0.5,1500000000,0,,capacity')
    expect(lines[2]).toMatch(/^site,"sep, ""north""",/)
    expect(concentrationCsv(found).split('\r\n')[2]).toBe('oxide,MYS,0.1,9000000000,0.82,0.2,0.4,0.6,0.1,')
  })
})
