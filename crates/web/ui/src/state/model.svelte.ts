// What the server is about: asked once when the page starts.
import type { Model, Problem } from '../core/contract'
import { getJson, problemOf } from './api'
import { inReport } from './report'

let value = $state.raw<Model | null>(null)
let error = $state.raw<Problem | null>(null)

export const model = {
  get value() {
    return value
  },
  get error() {
    return error
  },
  async load() {
    error = null
    try {
      value = await getJson<Model>('model')
    } catch (reason) {
      error = problemOf(reason)
    }
  },
}

if (!inReport) void model.load()

/** The scenario an address means: the one it names, else the model's default. */
export function scenarioOf(s: string): string | null {
  return s || value?.default_scenario || value?.scenarios[0]?.id || null
}
