// The runs behind the difference: the edited scenario and the saved one.
import type { Edit, RunRequest } from '../core/contract'
import { address } from '../state/address.svelte'
import { changedRuns } from '../state/changed.svelte'

const rest = 300

/** To be called while a component is set up. */
export function editedRuns(scenario: () => string | null) {
  // Only what has rested is asked; a link with edits is asked at once.
  let settled = $state.raw<Edit[]>(address.now.edits)
  $effect(() => {
    const edits = address.now.edits
    const timer = setTimeout(() => (settled = edits), rest)
    return () => clearTimeout(timer)
  })

  return changedRuns(
    () => {
      const id = scenario()
      if (!id) return null
      const base: RunRequest = { scenario: id, foresight: address.now.foresight, preview: false, edits: [] }
      return { base, changed: settled.length ? { ...base, edits: settled } : null }
    },
    () => address.now.edits !== settled,
  )
}
