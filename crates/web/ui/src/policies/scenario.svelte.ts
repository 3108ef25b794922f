// The scenario that the page Policies edits, as it is saved: asked again when the address names another one.
import type { Problem, Scenario } from '../core/contract'
import { getJson, problemOf } from '../state/api'

const known = new Map<string, Scenario>()

export class Saved {
  value = $state.raw<Scenario | null>(null)
  error = $state.raw<Problem | null>(null)
  #asked = ''

  async load(id: string): Promise<void> {
    this.#asked = id
    this.error = null
    const there = known.get(id) ?? null
    this.value = there
    if (there) return
    try {
      const scenario = await getJson<Scenario>(`scenarios/${encodeURIComponent(id)}`)
      known.set(id, scenario)
      if (this.#asked === id) this.value = scenario
    } catch (reason) {
      if (this.#asked === id) this.error = problemOf(reason)
    }
  }
}
