// Steps, months and days: where a day stands in a run's calendar, and what a step is called.
import type { Calendar, Unit } from './contract'

const monthNames = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec']

export function dayNumber(day: string): number {
  return Date.UTC(Number(day.slice(0, 4)), Number(day.slice(5, 7)) - 1, Number(day.slice(8, 10) || 1)) / 86_400_000
}

export function dayOf(number: number): string {
  return new Date(number * 86_400_000).toISOString().slice(0, 10)
}

/** Months later (or earlier), clamped to the end of the month. */
export function addMonths(day: string, months: number): string {
  const date = Number(day.slice(8, 10))
  const first = new Date(Date.UTC(Number(day.slice(0, 4)), Number(day.slice(5, 7)) - 1 + months, 1))
  const last = new Date(Date.UTC(first.getUTCFullYear(), first.getUTCMonth() + 1, 0)).getUTCDate()
  first.setUTCDate(Math.min(date, last))
  return first.toISOString().slice(0, 10)
}

/** The step that a day lies in; outside the horizon the nearest one. */
export function stepOf(calendar: Calendar, day: string): number {
  const { days } = calendar
  let low = 0
  let high = days.length - 1
  while (low < high) {
    const middle = Math.ceil((low + high) / 2)
    if (days[middle] <= day) low = middle
    else high = middle - 1
  }
  return low
}

/** Last day of the month YYYY-MM, so that the month falls into the step that covers its end. */
export function stepOfMonth(calendar: Calendar, month: string): number {
  return stepOf(calendar, `${month}-31`)
}

export function monthOf(day: string): string {
  return day.slice(0, 7)
}

export function monthLabel(day: string): string {
  return `${monthNames[Number(day.slice(5, 7)) - 1]} ${day.slice(0, 4)}`
}

export function dayLabel(day: string): string {
  return `${Number(day.slice(8, 10))} ${monthLabel(day)}`
}

export function stepLabel(calendar: Calendar, step: number): string {
  const day = calendar.days[step]
  if (calendar.unit === 'week') return dayLabel(day)
  if (calendar.unit === 'quarter') {
    const after = calendar.days[step + 1] ?? calendar.end
    return `${monthNames[Number(day.slice(5, 7)) - 1]}–${monthLabel(dayOf(dayNumber(after) - 1))}`
  }
  return monthLabel(day)
}

export const unitName: Record<Unit, string> = { week: 'week', month: 'month', quarter: 'quarter' }

/** Year lines and half-year lines of a time axis between two days. */
export function axisTicks(from: string, end: string): { day: string; year: boolean; label: string }[] {
  const ticks: { day: string; year: boolean; label: string }[] = []
  const half = Number(from.slice(5, 7)) > 6 ? 7 : 1
  for (let day = `${from.slice(0, 4)}-${half === 7 ? '07' : '01'}-01`; day <= end; day = addMonths(day, 6)) {
    if (day < from) continue
    const year = day.slice(5, 7) === '01'
    ticks.push({ day, year, label: year ? day.slice(0, 4) : 'Jul' })
  }
  return ticks
}
