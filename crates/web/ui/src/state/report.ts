// A report is this page with its results inside: then nothing is asked of a server.
import type { Data, Plan, View } from '../core/contract'
import { inflated } from '../core/inflate'

interface Embedded { views: { main: string; ghost?: string }; encoding: 'deflate-base64'; data?: string; plan?: string }

const element = document.getElementById('report')
const embedded: Embedded | null = element ? JSON.parse(element.textContent ?? 'null') : null

export const inReport = embedded !== null

export async function reportView(which: 'main' | 'ghost'): Promise<View | null> {
  const text = embedded?.views[which]
  return text ? (JSON.parse(await inflated(text)) as View) : null
}

export async function reportData(): Promise<Data | null> {
  return embedded?.data ? (JSON.parse(await inflated(embedded.data)) as Data) : null
}

export async function reportPlan(): Promise<Plan | null> {
  return embedded?.plan ? (JSON.parse(await inflated(embedded.plan)) as Plan) : null
}
