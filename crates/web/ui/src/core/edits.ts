// Changes to a scenario as values: merged, undone, counted. What was changed back to what the scenario says is no change.
import type { Edit, RunRequest, Scenario, ScenarioMeasure, ScenarioTruce } from './contract'

export type Value = string | number | null

/** What the scenario itself says of a key, or undefined where it has no such key. */
export function original(scenario: Scenario, id: string, key: string): Value | undefined {
  const item: ScenarioMeasure | ScenarioTruce | undefined =
    scenario.measures.find((measure) => measure.id === id) ?? scenario.truces.find((truce) => truce.id === id)
  if (!item) return undefined
  if (key === 'from' || key === 'until') return item[key]
  if ('parameters' in item) return item.parameters.find((parameter) => parameter.key === key)?.value
  return undefined
}

export function editOf(edits: Edit[], id: string): Edit | undefined {
  return edits.find((edit) => edit.id === id)
}

/** What holds after the edits. */
export function valueAfter(scenario: Scenario, edits: Edit[], id: string, key: string): Value | undefined {
  const set = editOf(edits, id)?.set
  return set && key in set ? set[key] : original(scenario, id, key)
}

function replaced(edits: Edit[], id: string, edit: Edit | null): Edit[] {
  const at = edits.findIndex((one) => one.id === id)
  if (at < 0) return edit ? [...edits, edit] : edits
  return edit ? edits.with(at, edit) : edits.toSpliced(at, 1)
}

export function withValue(scenario: Scenario, edits: Edit[], id: string, key: string, value: Value): Edit[] {
  const set = { ...editOf(edits, id)?.set }
  if (value === original(scenario, id, key)) delete set[key]
  else set[key] = value
  return replaced(edits, id, Object.keys(set).length ? { id, set } : null)
}

/** Switching off forgets other changes of the same measure: the server takes one or the other. */
export function withSwitch(edits: Edit[], id: string, on: boolean): Edit[] {
  return replaced(edits, id, on ? null : { id, off: true })
}

export interface Change { id: string; key: string | null; before: Value; after: Value }

/** One entry a change, for the list beside "undo"; key is null where the whole measure is switched off. */
export function changes(scenario: Scenario, edits: Edit[]): Change[] {
  return edits.flatMap((edit): Change[] =>
    edit.off
      ? [{ id: edit.id, key: null, before: 'on', after: 'off' }]
      : Object.entries(edit.set ?? {}).map(([key, after]) => ({
          id: edit.id, key, before: original(scenario, edit.id, key) ?? null, after,
        })),
  )
}

export function undo(edits: Edit[], change: Change): Edit[] {
  const set = { ...editOf(edits, change.id)?.set }
  if (change.key !== null) delete set[change.key]
  const rest = change.key !== null && Object.keys(set).length > 0
  return replaced(edits, change.id, rest ? { id: change.id, set } : null)
}

/** The same for the same edits, whatever order they were made in: names a run. */
export function runKey({ scenario, foresight, preview, edits, without }: RunRequest): string {
  const sorted = edits
    .map((edit) => ({ ...edit, set: edit.set && Object.entries(edit.set).sort(([a], [b]) => (a < b ? -1 : 1)) }))
    .sort((a, b) => (a.id < b.id ? -1 : 1))
  return JSON.stringify([scenario, foresight, preview, sorted, without])
}
