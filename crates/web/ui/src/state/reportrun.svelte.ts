// The finished run that "Save report" takes; a page that shows one says so.
let id = $state<string | null>(null)

export const reportRun = {
  get id() {
    return id
  },
  set id(value: string | null) {
    id = value
  },
}
