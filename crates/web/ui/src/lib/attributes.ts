// Attributes and texts written only where they change: what a frame costs is mostly what it writes.
const kept = Symbol('what was written last')

interface Remembering extends Element { [kept]?: Record<string, string> }

export function set(element: Remembering, name: string, value: string): void {
  const last = (element[kept] ??= {})
  if (last[name] === value) return
  last[name] = value
  element.setAttribute(name, value)
}

export function say(element: Remembering, text: string): void {
  const last = (element[kept] ??= {})
  if (last['#text'] === text) return
  last['#text'] = text
  element.textContent = text
}
