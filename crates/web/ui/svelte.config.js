import { readdirSync } from 'node:fs'
import { relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import { vitePreprocess } from '@sveltejs/vite-plugin-svelte'

// What marks the styles of one component stands in the script and in the style sheet once a use: as short as can be, and the
// same in each build.
const src = fileURLToPath(new URL('src', import.meta.url))
const files = readdirSync(src, { recursive: true }).filter((name) => name.endsWith('.svelte')).sort()
const cssHash = ({ filename }) => `s${files.indexOf(relative(src, filename)).toString(36)}`

export default { preprocess: vitePreprocess(), compilerOptions: { runes: true, cssHash } }
