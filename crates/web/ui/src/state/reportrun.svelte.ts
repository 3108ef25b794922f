// The finished run that "Save report" takes; a page that shows one says so.
import { wantRun, type Wanted } from './runs.svelte'

let id = $state<string | null>(null)

export const reportRun = {
  get id() {
    return id
  },
  set id(value: string | null) {
    id = value
  },
}

/** Offers a run as a report, which also shows the run without measures. To be called while a component is set up. */
export function offerReport(main: () => Wanted): void {
  const without = wantRun(() => (main().id ? { scenario: null, foresight: 'perfect', preview: false, edits: [] } : null), false)
  $effect(() => {
    reportRun.id = main().view && without.view ? main().id : null
    return () => (reportRun.id = null)
  })
}
