// The runs behind the difference: the edited scenario and the saved one, each as a preview and in full.
import type { Edit, Problem, RunRequest, View } from '../core/contract'
import { address } from '../state/address.svelte'
import { wantRun } from '../state/runs.svelte'

const rest = 300

export interface Pair { before: View; after: View }

/** To be called while a component is set up. */
export function editedRuns(scenario: () => string | null) {
  // Only what has rested is asked; a link with edits is asked at once.
  let settled = $state.raw<Edit[]>(address.now.edits)
  $effect(() => {
    const edits = address.now.edits
    const timer = setTimeout(() => (settled = edits), rest)
    return () => clearTimeout(timer)
  })

  const request = (edits: Edit[], preview: boolean): RunRequest | null => {
    const id = scenario()
    if (!id) return null
    return { scenario: id, foresight: preview ? 'perfect' : address.now.foresight, preview, edits }
  }
  const edited = $derived(settled.length > 0)

  // In this order they reach the server: what answers first is asked first.
  const preview = wantRun(() => (edited ? request(settled, true) : null), false)
  const savedPreview = wantRun(() => (edited ? request([], true) : null), false)
  const full = wantRun(() => request(settled, false), false)
  const saved = wantRun(() => (edited ? request([], false) : null), false)

  const pairOf = (before: View | null, after: View | null): Pair | null => (before && after ? { before, after } : null)
  const pair = $derived(edited ? (pairOf(saved.view, full.view) ?? pairOf(savedPreview.view, preview.view)) : null)

  // Until there is a new pair the one before it stays, and says that it is stale.
  let kept = $state.raw<Pair | null>(null)
  $effect(() => {
    if (pair || !edited) kept = pair
  })

  return {
    full,
    get pair(): Pair | null {
      return edited ? (pair ?? kept) : null
    },
    get stale(): boolean {
      return address.now.edits !== settled || !pair
    },
    /** The run is asked, and its full result is not there. */
    get waiting(): boolean {
      return edited && (!full.view || !saved.view) && !full.error && !saved.error
    },
    /** The run whose progress counts: the edited one, then the saved one. */
    get slowest() {
      return full.view ? saved : full
    },
    get error(): Problem | null {
      return full.error ?? saved.error ?? (pair ? null : preview.error)
    },
    retry(): void {
      for (const run of [preview, savedPreview, full, saved]) if (run.error) run.retry()
    },
    cancel(): void {
      for (const run of [preview, full, saved]) if (!run.view) run.cancel()
    },
    again(): void {
      for (const run of [preview, full, saved]) if (!run.view) run.retry()
    },
  }
}
