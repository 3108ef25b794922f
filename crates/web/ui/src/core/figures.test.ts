import { describe, expect, it } from 'vitest'
import type { Data } from './contract'
import { figureRows, figuresCsv, findFigures, nextSort, rangeText, sortFigures, unstated, webAddress } from './figures'

const figure = { unit: 't', low: null, high: null, why: null }
const data: Data = {
  figures: [
    { ...figure, table: 'sites', row: 'mine-a', column: 'capacity', value: '900', source: ['usgs'], confidence: 'observed' },
    { ...figure, table: 'sites', row: 'mine-b', column: 'capacity', value: '1200', source: ['usgs', 'gone'], confidence: 'assumed', low: 1000, high: '1500' },
    { ...figure, table: 'lanes', row: 'ox-dy/CHN/JPN', column: 'cost', value: 'free', source: [], confidence: null },
    { ...figure, table: 'lanes', row: 'ox-dy/CHN/KOR', column: 'cost', value: '', source: [], confidence: 'assumed' },
  ],
  sources: { usgs: { title: 'Mineral, "Commodity" Summaries', url: 'https://example.org/a.pdf' } },
  unknown: 1,
}
const rows = figureRows(data)
const all = { text: '', table: '', confidence: '' }
const values = (list: typeof rows) => list.map((row) => row.figure.value)

describe('findFigures', () => {
  it('finds words of row and source title in any order, whatever their case', () => {
    expect(values(findFigures(rows, { ...all, text: 'commodity MINE-B' }).rows)).toEqual(['1200'])
    expect(values(findFigures(rows, { ...all, text: 'gone' }).rows)).toEqual(['1200'])
    expect(findFigures(rows, { ...all, text: 'nowhere' }).rows).toEqual([])
  })
  it('counts each filter as the others leave it, from the surest on', () => {
    const found = findFigures(rows, { ...all, table: 'lanes' })
    expect(found.tables).toEqual([{ key: 'sites', count: 2 }, { key: 'lanes', count: 2 }])
    expect(found.confidences).toEqual([
      { key: 'observed', count: 0 }, { key: 'assumed', count: 1 }, { key: unstated, count: 1 },
    ])
    expect(values(findFigures(rows, { ...all, confidence: unstated }).rows)).toEqual(['free'])
  })
  it('takes 8,000 rows in little time', () => {
    const many = Array.from({ length: 2000 }, () => rows).flat()
    const start = performance.now()
    const found = findFigures(many, { ...all, text: 'mine' })
    expect(sortFigures(found.rows, { column: 'value', descending: false })).toHaveLength(4000)
    expect(performance.now() - start).toBeLessThan(500)
  })
})

describe('sortFigures', () => {
  it('sorts numbers by size, words after them, the empty last in both directions', () => {
    expect(values(sortFigures(rows, { column: 'value', descending: false }))).toEqual(['900', '1200', 'free', ''])
    expect(values(sortFigures(rows, { column: 'value', descending: true }))).toEqual(['free', '1200', '900', ''])
  })
  it('sorts confidence by certainty and goes back to the order of the model on the third click', () => {
    expect(values(sortFigures(rows, { column: 'confidence', descending: false }))).toEqual(['900', '1200', '', 'free'])
    const down = nextSort(nextSort(null, 'row'), 'row')
    expect(down).toEqual({ column: 'row', descending: true })
    expect(nextSort(down, 'row')).toBeNull()
    expect(sortFigures(rows, null)).toBe(rows)
  })
})

it('says a range, open where one end is unknown', () => {
  expect(data.figures.map(rangeText)).toEqual(['', '1000\u20131500', '', ''])
  expect(rangeText({ ...data.figures[0], low: 0 })).toBe('0\u2013?')
})

it('links to the web only', () => {
  expect(webAddress('https://example.org/a b')).toBe('https://example.org/a%20b')
  for (const url of ['javascript:alert(1)', 'data:text/html,x', 'example.org', '', null]) expect(webAddress(url)).toBeNull()
})

it('writes what is shown as CSV, with quotes where a title needs them', () => {
  const lines = figuresCsv(rows.slice(0, 2)).split('\r\n')
  expect(lines).toHaveLength(4)
  expect(lines[1]).toBe(
    'sites,mine-a,capacity,900,t,observed,,,,usgs,"Mineral, ""Commodity"" Summaries",https://example.org/a.pdf',
  )
})
