// Light, dark, or as the system has it. The choice outlives the visit where the browser lets a page keep anything.
const key = 'coercivity-theme'

export function restoreTheme(): void {
  try {
    const kept = localStorage.getItem(key)
    if (kept === 'light' || kept === 'dark') document.documentElement.dataset.theme = kept
  } catch {
    // A file opened from disk may not keep anything; then the system's choice holds.
  }
}

export function switchTheme(): void {
  const root = document.documentElement
  const systemIsDark = matchMedia('(prefers-color-scheme: dark)').matches
  const isDark = root.dataset.theme === 'dark' || (root.dataset.theme !== 'light' && systemIsDark)
  root.dataset.theme = isDark ? 'light' : 'dark'
  try {
    localStorage.setItem(key, root.dataset.theme)
  } catch {
    // As above.
  }
}
