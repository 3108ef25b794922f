import { svelte } from '@sveltejs/vite-plugin-svelte'
import type { Plugin } from 'vite'
import { defineConfig } from 'vitest/config'
import world from './src/generated/world.json' with { type: 'json' }

// One script and one style sheet, because `coercivity report` puts both into one file; relative addresses, because the
// page must not care where it is served.
const server = 'http://127.0.0.1:7420'

/** The map is data and stands in the document, as a report's results do: the script is shorter, and a report has it too. */
const map: Plugin = {
  name: 'map',
  transformIndexHtml: () => [{
    tag: 'script', attrs: { type: 'application/json', id: 'world' }, injectTo: 'body',
    children: JSON.stringify(world),
  }],
}

export default defineConfig({
  base: './',
  plugins: [svelte(), map],
  build: {
    target: 'es2022',
    modulePreload: false,
    cssCodeSplit: false,
    assetsInlineLimit: 0,
    rollupOptions: { output: { codeSplitting: false } },
  },
  // To the server the page must come from itself.
  server: { proxy: { '/api': { target: server, changeOrigin: true, headers: { origin: server } } } },
  test: { include: ['src/**/*.test.ts'] },
})
