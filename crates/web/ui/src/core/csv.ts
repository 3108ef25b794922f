// RFC 4180. Numbers are written as they are, so that what is exported equals what was drawn.

export type Cell = string | number | null | undefined

function cell(value: Cell): string {
  if (value === null || value === undefined) return ''
  if (typeof value === 'number') return Number.isFinite(value) ? String(value) : ''
  return /[",\r\n]|^\s|\s$/.test(value) ? `"${value.replaceAll('"', '""')}"` : value
}

/** What is drawn, as rows. */
export interface Table { header: string[]; rows: Cell[][] }

export const tableCsv = ({ header, rows }: Table): string => csv(header, rows)

export function csv(header: string[], rows: Cell[][]): string {
  return [header, ...rows].map((row) => row.map(cell).join(',') + '\r\n').join('')
}
