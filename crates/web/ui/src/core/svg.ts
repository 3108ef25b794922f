// Drawings as text, for files.

export function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;')
}

/** Colours come from custom properties of the page; a file of its own has none, so that their values stand in it. */
export function withValues(text: string, valueOf: (name: string) => string): string {
  return text.replace(/var\((--[\w-]+)\)/g, (_, name: string) => escaped(valueOf(name).trim().replaceAll('"', "'")))
}
