// What the timeline shows of a run: which policies and demands, when a policy is in force, and where its name stands.
import { csv, type Cell } from './csv'
import type { Calendar, Demand, Policy, View } from './contract'
import { dayNumber, monthOf } from './time'
import { byUrgency } from './series'

export interface Span { from: number; to: number; suspended: boolean }

/** When a policy is in force and when it is suspended, in days within the calendar; empty where it is never. */
export function spans(policy: Policy, calendar: Calendar): Span[] {
  const first = dayNumber(calendar.days[0])
  const end = dayNumber(calendar.end)
  const within = (day: number) => Math.max(first, Math.min(end, day))
  const from = within(dayNumber(policy.from))
  const to = policy.until ? within(dayNumber(policy.until)) : end
  const result: Span[] = []
  let at = from
  const add = (until: number, suspended: boolean) => {
    if (until > at) result.push({ from: at, to: until, suspended })
    at = Math.max(at, until)
  }
  for (const [start, stop] of policy.suspended.toSorted(([a], [b]) => (a < b ? -1 : 1))) {
    add(Math.min(within(dayNumber(start)), to), false)
    add(Math.min(within(dayNumber(stop)), to), true)
  }
  add(to, false)
  return result
}

const weight: Record<string, number> = { truce: 0, 'export-control': 1, ban: 2, quota: 2, 'content-rule': 3, 'origin-rule': 3 }

/** Policies that matter first: truces, controls, bans and quotas, rules; among equals those longest in force. What is
 *  never in force within the calendar is left out. */
export function rankedPolicies(policies: Policy[], calendar: Calendar): Policy[] {
  const rank = (policy: Policy) => (policy.type === 'truce' ? 0 : (weight[policy.kind] ?? 4))
  return policies
    .map((policy) => {
      const all = spans(policy, calendar)
      const inForce = all.filter((span) => !span.suspended).reduce((sum, span) => sum + span.to - span.from, 0)
      return { policy, drawn: all.length > 0, inForce }
    })
    .filter(({ drawn }) => drawn)
    .sort((a, b) => rank(a.policy) - rank(b.policy) || b.inForce - a.inForce)
    .map(({ policy }) => policy)
}

/** Defence that runs short, at most most of the room, then what costs most; then what is met, as far as there is room. */
export function chosenDemands(demands: Demand[], room: number): Demand[] {
  const ranked = byUrgency(demands)
  if (ranked.length <= room) return ranked
  const military = ranked.filter((demand) => demand.first && demand.end_use === 'military')
  const civil = ranked.filter((demand) => demand.first && demand.end_use !== 'military')
  const forMilitary = Math.max(Math.ceil(room * 0.6), room - civil.length)
  const chosen = new Set([...military.slice(0, forMilitary), ...civil])
  for (const demand of ranked) chosen.add(demand)
  const taken = new Set([...chosen].slice(0, room))
  return ranked.filter((demand) => taken.has(demand))
}

export interface NameAt { x: number; anchor: 'start' | 'end'; inside: boolean; room: number }

/** Where the name of a bar stands: in its longest part, behind it, before it, or in whichever of them has most room. */
export function nameAt(parts: { x0: number; x1: number }[], left: number, right: number, width: number): NameAt {
  const longest = parts.reduce((most, part) => (part.x1 - part.x0 > most.x1 - most.x0 ? part : most))
  const begin = parts[0].x0
  const end = parts[parts.length - 1].x1
  const places: NameAt[] = [
    { x: longest.x0 + 8, anchor: 'start', inside: true, room: longest.x1 - longest.x0 - 14 },
    { x: end + 7, anchor: 'start', inside: false, room: right - end - 9 },
    { x: begin - 7, anchor: 'end', inside: false, room: begin - left - 9 },
  ]
  return places.find((place) => place.room >= width) ?? places.reduce((most, place) => (place.room > most.room ? place : most))
}

const header = ['kind', 'id', 'name', 'from', 'until', 'unit', 'required', 'met', 'unmet']

export function timelineCsv(view: View, policies: Policy[], demands: Demand[]): string {
  const rows: Cell[][] = policies.map((policy) => [policy.type, policy.id, policy.name, policy.from, policy.until, null, null, null, null])
  for (const policy of policies) {
    for (const [from, until] of policy.suspended) rows.push(['suspended', policy.id, policy.name, from, until, null, null, null, null])
  }
  const { days, end } = view.calendar
  for (const demand of demands) {
    days.forEach((day, step) => {
      rows.push([
        'demand', demand.id, demand.name, monthOf(day), monthOf(days[step + 1] ?? end), demand.unit,
        demand.required[step], demand.met[step], demand.unmet[step],
      ])
    })
  }
  return csv(header, rows)
}
