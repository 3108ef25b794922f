// The figures of the model as a table to search, filter and sort: thousands of rows, so each question is one pass.
import type { Data, Figure, Source } from './contract'
import { csv } from './csv'

export type FigureColumn = 'table' | 'row' | 'column' | 'value' | 'unit' | 'confidence' | 'range' | 'source'

export interface FigureRow { figure: Figure; sources: Source[]; hay: string; confidence: string }

export interface FigureFilter { text: string; table: string; confidence: string }

export interface FigureSort { column: FigureColumn; descending: boolean }

export interface Facet { key: string; count: number }

/** What stands for a figure that says nothing of how sure it is. */
export const unstated = 'unstated'

// From what was seen to what was made up; other words come after these.
const certainty = ['observed', 'reported', 'derived', 'recalled', 'assumed']
const order = new Intl.Collator('en', { numeric: true })

export function figureRows(data: Data): FigureRow[] {
  return data.figures.map((figure) => {
    const sources = figure.source.map((key) => data.sources[key] ?? { title: key })
    const words = [figure.table, figure.row, figure.column, ...sources.map((source) => source.title)]
    return { figure, sources, hay: words.join('\n').toLowerCase(), confidence: figure.confidence || unstated }
  })
}

export interface Found { rows: FigureRow[]; tables: Facet[]; confidences: Facet[] }

/** The rows that fit, and beside each filter how many rows would fit it while the other filters stay as they are. */
export function findFigures(rows: FigureRow[], filter: FigureFilter): Found {
  const words = filter.text.toLowerCase().split(/\s+/).filter(Boolean)
  const tables = new Map<string, number>()
  const confidences = new Map<string, number>()
  const found: FigureRow[] = []
  for (const row of rows) {
    const table = !filter.table || row.figure.table === filter.table
    const confidence = !filter.confidence || row.confidence === filter.confidence
    const text = words.every((word) => row.hay.includes(word))
    // A choice that fits nothing stays listed with 0, so that the list does not jump while somebody types.
    tables.set(row.figure.table, (tables.get(row.figure.table) ?? 0) + Number(text && confidence))
    confidences.set(row.confidence, (confidences.get(row.confidence) ?? 0) + Number(text && table))
    if (text && table && confidence) found.push(row)
  }
  const facets = (counts: Map<string, number>) => Array.from(counts, ([key, count]) => ({ key, count }))
  return { rows: found, tables: facets(tables), confidences: facets(confidences).sort((a, b) => rank(a.key) - rank(b.key)) }
}

function rank(confidence: string): number {
  const at = certainty.indexOf(confidence)
  return at >= 0 ? at : confidence === unstated ? certainty.length + 1 : certainty.length
}

export function rangeText(figure: Figure): string {
  const given = (value: number | string | null) => value !== null && value !== undefined && value !== ''
  if (!given(figure.low) && !given(figure.high)) return ''
  return `${given(figure.low) ? figure.low : '?'}\u2013${given(figure.high) ? figure.high : '?'}`
}

function sortKey(row: FigureRow, column: FigureColumn): string {
  if (column === 'source') return row.sources[0]?.title ?? ''
  if (column === 'range') return String(row.figure.low ?? row.figure.high ?? '')
  if (column === 'confidence') return String(rank(row.confidence))
  return String(row.figure[column] ?? '')
}

/** Numbers by size before words by letter; what is empty is last either way. */
export function sortFigures(rows: FigureRow[], sort: FigureSort | null): FigureRow[] {
  if (!sort) return rows
  const direction = sort.descending ? -1 : 1
  const keyed = rows.map((row) => {
    const text = sortKey(row, sort.column)
    return { row, text, number: text.trim() === '' ? NaN : Number(text) }
  })
  keyed.sort((a, b) => {
    if (!a.text || !b.text) return Number(!a.text) - Number(!b.text)
    const numbers = Number(Number.isNaN(a.number)) - Number(Number.isNaN(b.number))
    if (numbers) return numbers * direction
    return direction * (Number.isNaN(a.number) ? order.compare(a.text, b.text) : a.number - b.number)
  })
  return keyed.map(({ row }) => row)
}

/** A click on a heading: ascending, then descending, then the order of the model again. */
export function nextSort(sort: FigureSort | null, column: FigureColumn): FigureSort | null {
  if (sort?.column !== column) return { column, descending: false }
  return sort.descending ? null : { column, descending: true }
}

/** An address that may become a link: only http and https, whatever a source's file says. */
export function webAddress(url: string | null | undefined): string | null {
  if (!url || !URL.canParse(url)) return null
  const { protocol, href } = new URL(url)
  return protocol === 'https:' || protocol === 'http:' ? href : null
}

export function figuresCsv(rows: FigureRow[]): string {
  const header = [
    'table', 'row', 'column', 'value', 'unit', 'confidence', 'low', 'high', 'why', 'source', 'source_title', 'source_url',
  ]
  return csv(
    header,
    rows.map(({ figure, sources }) => [
      figure.table, figure.row, figure.column, figure.value, figure.unit, figure.confidence, figure.low, figure.high,
      figure.why, figure.source.join('; '), sources.map((source) => source.title).join('; '),
      sources.map((source) => source.url).filter(Boolean).join('; '),
    ]),
  )
}
