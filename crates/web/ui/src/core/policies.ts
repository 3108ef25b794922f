// The measures and truces of a scenario as bars on a time axis, after the edits that somebody made.
import type { Edit, Parameter, Scenario, ScenarioMeasure, ScenarioTruce } from './contract'
import { editOf, valueAfter } from './edits'
import { addMonths, dayNumber, dayOf } from './time'

export interface Bar {
  id: string
  type: 'measure' | 'truce'
  kind: string
  name: string
  item: ScenarioMeasure | ScenarioTruce
  from: string
  /** First day after it; null is open-ended. */
  until: string | null
  off: boolean
  changed: boolean
  parameters: Parameter[]
  /** Spans within which a truce keeps the measure from acting. */
  rests: Span[]
}

export interface Span { from: string; until: string }

export interface Group { id: string; name: string; bars: Bar[] }

/** First day of the horizon and first day after it. */
export interface Horizon { start: string; end: string }

function dates(scenario: Scenario, edits: Edit[], id: string): { from: string; until: string | null } {
  const from = valueAfter(scenario, edits, id, 'from')
  const until = valueAfter(scenario, edits, id, 'until')
  return { from: String(from), until: typeof until === 'string' && until ? until : null }
}

/** Overlapping or touching spans as one. */
export function joined(spans: Span[]): Span[] {
  const result: Span[] = []
  for (const span of spans.toSorted((a, b) => (a.from < b.from ? -1 : 1))) {
    const last = result.at(-1)
    if (last && span.from <= last.until) last.until = span.until > last.until ? span.until : last.until
    else result.push({ ...span })
  }
  return result
}

export function bars(scenario: Scenario, edits: Edit[], horizon: Horizon): Bar[] {
  const bar = (type: Bar['type'], item: ScenarioMeasure | ScenarioTruce): Bar => ({
    id: item.id, type, item, kind: 'kind' in item ? item.kind : 'truce', name: item.name,
    ...dates(scenario, edits, item.id),
    off: editOf(edits, item.id)?.off === true,
    changed: editOf(edits, item.id) !== undefined,
    parameters: 'parameters' in item ? item.parameters : [],
    rests: [],
  })
  const truces = scenario.truces.map((truce) => bar('truce', truce))
  const measures = scenario.measures.map((measure) => {
    const result = bar('measure', measure)
    const spans = scenario.truces.flatMap((truce, index): Span[] => {
      const { from, until, off } = truces[index]
      if (off || !truce.suspends.includes(measure.id)) return []
      const span = {
        from: from > result.from ? from : result.from,
        until: [until ?? horizon.end, result.until ?? horizon.end].toSorted()[0],
      }
      return span.from < span.until ? [span] : []
    })
    return { ...result, rests: joined(spans) }
  })
  return [...truces, ...measures]
}

const groups: [string, string][] = [
  ['truce', 'Truces'], ['china', 'China’s controls'], ['usa', 'US controls'], ['tariff', 'Tariffs and export taxes'],
  ['rule', 'Rules of origin and content'], ['other', 'Other'],
]

// A control may name the exporting country and not the one that orders it: American rules on chips made in Taiwan.
// The record names such measures after who ordered them.
function orderedBy(measure: ScenarioMeasure): string {
  if (/^(cn|us)-/.test(measure.id)) return measure.id.startsWith('cn-') ? 'china' : 'usa'
  if (measure.by_regions.includes('CHN')) return 'china'
  return measure.by_regions.includes('USA') ? 'usa' : 'other'
}

export function groupOf(bar: Bar): string {
  if (bar.type === 'truce') return 'truce'
  if (bar.kind === 'tariff' || bar.kind === 'export-tax') return 'tariff'
  if (bar.kind === 'origin-rule' || bar.kind === 'content-rule') return 'rule'
  if (bar.kind === 'export-control' || bar.kind === 'quota') return orderedBy(bar.item as ScenarioMeasure)
  return 'other'
}

export function grouped(list: Bar[]): Group[] {
  return groups
    .map(([id, name]) => ({ id, name, bars: list.filter((bar) => groupOf(bar) === id) }))
    .filter((group) => group.bars.length > 0)
}

/** Where a day stands on the axis, 0 to 1. */
export function place(horizon: Horizon, day: string): number {
  const start = dayNumber(horizon.start)
  return Math.max(0, Math.min(1, (dayNumber(day) - start) / (dayNumber(horizon.end) - start)))
}

/** Months from the start of the horizon, for a slider's value. */
export function monthsFrom(start: string, day: string): number {
  const months = (text: string) => Number(text.slice(0, 4)) * 12 + Number(text.slice(5, 7))
  return months(day) - months(start)
}

/**
 * An end as an edit may say it: at least a day after the begin, and none past the horizon. A truce must end, so its last
 * end is that of the horizon; a measure that lasts past it is open-ended.
 */
export function clampEnd(bar: Bar, day: string, horizon: Horizon): string | null {
  const first = dayOf(dayNumber(bar.from > horizon.start ? bar.from : horizon.start) + 1)
  if (day >= horizon.end) {
    const saved = bar.item.until
    return saved && saved >= horizon.end ? saved : bar.type === 'truce' ? horizon.end : null
  }
  return day < first ? first : day
}

/** Months later or earlier than the end that is shown. */
export function movedEnd(bar: Bar, months: number, horizon: Horizon): string | null {
  const shown = bar.until === null || bar.until > horizon.end ? horizon.end : bar.until
  return clampEnd(bar, addMonths(shown, months), horizon)
}

/** The end under the pointer: the nearest first day of a month, or the saved end where that is nearer. */
export function endAt(bar: Bar, share: number, horizon: Horizon): string | null {
  const start = dayNumber(horizon.start)
  const number = start + share * (dayNumber(horizon.end) - start)
  const day = dayOf(Math.round(number))
  const month = `${day.slice(0, 7)}-01`
  const near = [month, addMonths(month, 1)]
  if (bar.item.until) near.push(bar.item.until)
  const apart = (one: string) => Math.abs(dayNumber(one) - number)
  return clampEnd(bar, near.toSorted((a, b) => apart(a) - apart(b))[0], horizon)
}

// Shares and rates are read and typed in per cent; 0.07 must read 7 and not 7.000000000000001.
const clean = (value: number) => Number(value.toPrecision(12))
const inPercent = (kind: Parameter['kind']) => kind === 'share' || kind === 'rate'

export function shownValue(parameter: Parameter, value: number): number {
  return inPercent(parameter.kind) ? clean(value * 100) : value
}

export function unitOf(parameter: Parameter): string {
  return inPercent(parameter.kind) ? '%' : parameter.kind === 'days' ? 'days' : ''
}

/** A typed number as the scenario takes it, or null where it cannot be one. */
export function typedValue(parameter: Parameter, typed: number): number | null {
  if (!Number.isFinite(typed) || typed < 0) return null
  if (parameter.kind === 'share' && typed > 100) return null
  return inPercent(parameter.kind) ? clean(typed / 100) : typed
}
