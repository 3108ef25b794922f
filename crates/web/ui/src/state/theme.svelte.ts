// Light, dark, or as the system has it. The choice outlives the visit where the browser lets a page keep anything.
const key = 'coercivity-theme'
const dark = matchMedia('(prefers-color-scheme: dark)')

// Counts changes of the theme, so that what reads colours from the style sheet can do so again.
let changes = $state(0)

export function themeChanges(): number {
  return changes
}

export function restoreTheme(): void {
  dark.addEventListener('change', () => changes++)
  try {
    const kept = localStorage.getItem(key)
    if (kept === 'light' || kept === 'dark') document.documentElement.dataset.theme = kept
  } catch {
    // A file opened from disk may not keep anything; then the system's choice holds.
  }
}

export function switchTheme(): void {
  const root = document.documentElement
  const isDark = root.dataset.theme === 'dark' || (root.dataset.theme !== 'light' && dark.matches)
  root.dataset.theme = isDark ? 'light' : 'dark'
  changes++
  try {
    localStorage.setItem(key, root.dataset.theme)
  } catch {
    // As above.
  }
}
