// Attributes written only where they change: what a frame costs is mostly what it writes.
const kept = new WeakMap<Element, Map<string, string>>()

export function set(element: Element, name: string, value: string): void {
  let values = kept.get(element)
  if (!values) kept.set(element, (values = new Map()))
  if (values.get(name) === value) return
  values.set(name, value)
  element.setAttribute(name, value)
}

export function say(element: Element, text: string): void {
  if (element.textContent !== text) element.textContent = text
}
