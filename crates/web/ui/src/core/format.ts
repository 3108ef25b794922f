// Numbers as people read them. Never used for what is exported: a CSV has the figures as they are.

const signs: Record<string, string> = { USD: '$', EUR: '€', GBP: '£', JPY: '¥' }
const scales: [number, string][] = [[1e12, 'tn'], [1e9, 'bn'], [1e6, 'm'], [1e3, 'k']]
const minus = '\u2212'

/** Three figures at most, or as many as the integer part has. */
function figures(value: number): string {
  const size = Math.abs(value)
  if (size === 0) return '0'
  const digits = size >= 99.5 ? 0 : size >= 9.95 ? 0 : size >= 0.095 ? 1 : size >= 0.0095 ? 2 : 3
  const text = size.toFixed(digits)
  if (Number(text) === 0) return '<0.001'
  return digits === 1 && text.endsWith('.0') ? text.slice(0, -2) : text
}

function signed(value: number, text: string): string {
  return value < 0 ? minus + text : text
}

export function money(value: number | null, currency: string): string {
  if (value === null || !Number.isFinite(value)) return 'unknown'
  const sign = signs[currency]
  const size = Math.abs(value)
  // 999,950 is a million, not a thousand thousands: the scale is chosen after rounding.
  const [scale, letter] = scales.find(([least]) => size >= least * 0.9995) ?? [1, '']
  const scaled = size / scale
  const text = (scaled >= 99.5 ? scaled.toFixed(0) : figures(scaled)) + (letter && `\u00a0${letter}`)
  return signed(value, sign ? sign + text : `${text}\u00a0${currency}`)
}

/** A quantity with its unit: tonnes become kt and Mt, other units count in thousands and millions. */
export function amount(value: number | null, unit: string): string {
  if (value === null || !Number.isFinite(value)) return 'unknown'
  if (unit in signs) return money(value, unit)
  const size = Math.abs(value)
  if (unit === 't') {
    if (size >= 999_500) return signed(value, `${figures(size / 1e6)}\u00a0Mt`)
    if (size >= 999.5) return signed(value, `${figures(size / 1e3)}\u00a0kt`)
    return signed(value, `${figures(size)}\u00a0t`)
  }
  if (unit === 'thousand') return amount(value * 1000, '')
  const [scale, letter] = scales.find(([least]) => size >= least * 0.9995) ?? [1, '']
  return signed(value, `${figures(size / scale)}${letter && `\u00a0${letter}`}\u00a0${unit}`.trimEnd())
}

/** A share as per cent. What is not all must not read 100%, and what is not nothing must not read 0%. */
export function percent(share: number | null): string {
  if (share === null || !Number.isFinite(share)) return 'unknown'
  if (share > 0 && share < 0.005) return '<1%'
  if (share < 1 && share > 0.995) return '>99%'
  return `${Math.round(share * 100)}%`
}

/** A difference with its sign; nothing where there is none. */
export function difference(value: number, text: (size: number) => string): string {
  if (value === 0) return 'no change'
  return (value < 0 ? minus : '+') + text(Math.abs(value))
}

export function seconds(value: number): string {
  if (value < 60) return `${Math.round(value)} s`
  return `${Math.floor(value / 60)} min ${Math.round(value % 60)} s`
}

export function count(value: number, one: string, many = `${one}s`): string {
  return `${value.toLocaleString('en')} ${value === 1 ? one : many}`
}

/** A stage or kind as a label: "export-control" reads "Export control". */
export function titled(id: string): string {
  return capital(id.replaceAll(/[-_]/g, ' '))
}

export function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1)
}

export interface Segment { text: string; strong: boolean }

/** The first sentence of a text, and the rest. */
export function firstSentence(text: string): [string, string] {
  const end = text.search(/\.\s/)
  return end < 0 ? [text, ''] : [text.slice(0, end + 1), text.slice(end + 1).trim()]
}

/** A sentence split at its strong parts, in the order in which they occur. */
export function segments(text: string, strong: string[]): Segment[] {
  const result: Segment[] = []
  let rest = text
  for (const part of strong) {
    const at = part ? rest.indexOf(part) : -1
    if (at < 0) continue
    if (at > 0) result.push({ text: rest.slice(0, at), strong: false })
    result.push({ text: part, strong: true })
    rest = rest.slice(at + part.length)
  }
  if (rest) result.push({ text: rest, strong: false })
  return result
}
