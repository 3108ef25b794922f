// The address as state: what the page shows follows from it, and what the user does goes through it. Back and forward
// work because each choice is an entry of the history; only moving the month replaces the entry.
import { addressOf, addressText, type Address } from '../core/address'

let now = $state.raw(addressOf(location.hash))

addEventListener('hashchange', read)
addEventListener('popstate', read)

function read(): void {
  const next = addressOf(location.hash)
  if (addressText(next) !== addressText(now)) now = next
}

export const address = {
  get now(): Address {
    return now
  },

  /** Changes parts of the address as a new entry of the history. */
  go(changes: Partial<Address>): void {
    write({ ...now, ...changes }, true)
  },

  /** Changes parts of the address in place: for what changes many times a second. */
  replace(changes: Partial<Address>): void {
    write({ ...now, ...changes }, false)
  },

  /** The link to another page that keeps scenario, edits and month. */
  to(changes: Partial<Address>): string {
    return addressText({ ...now, ...changes })
  },
}

function write(next: Address, entry: boolean): void {
  const text = addressText(next)
  if (text === addressText(now)) return
  now = next
  if (entry) history.pushState(null, '', text)
  else history.replaceState(null, '', text)
}
