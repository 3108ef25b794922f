// A change to a scenario as a sentence.
import type { Parameter, Scenario } from './contract'
import type { Change, Value } from './edits'
import { shownValue, unitOf } from './policies'
import { dayLabel } from './time'

function valueText(value: Value, parameter: Parameter | undefined): string {
  if (value === null || value === '') return 'never'
  if (typeof value === 'string') return dayLabel(value)
  if (!parameter) return String(value)
  const unit = unitOf(parameter)
  return `${shownValue(parameter, value)}${unit && unit !== '%' ? ' ' : ''}${unit}`
}

export interface ChangeText { name: string; what: string }

export function changeText(scenario: Scenario, change: Change): ChangeText {
  const measure = scenario.measures.find((one) => one.id === change.id)
  const item = measure ?? scenario.truces.find((one) => one.id === change.id)
  // A link may carry edits of another scenario.
  if (!item) return { name: change.id, what: 'is not in this scenario' }
  if (change.key === null) return { name: item.name, what: 'switched off' }
  const parameter = measure?.parameters.find((one) => one.key === change.key)
  const labels: Record<string, string> = { until: 'ends', from: 'begins' }
  const label = labels[change.key] ?? parameter?.label ?? change.key
  return { name: item.name, what: `${label} ${valueText(change.before, parameter)} → ${valueText(change.after, parameter)}` }
}
