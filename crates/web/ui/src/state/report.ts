// A report is this page with its results inside: then nothing is asked of a server.
import type { Bargain, Data, Plan, View } from '../core/contract'
import { inflated } from '../core/inflate'

interface Embedded { views: { main: string; ghost?: string }; encoding: 'deflate-base64'; data?: string; plan?: string; bargain?: string }

const element = document.getElementById('report')
const embedded: Embedded | null = element ? JSON.parse(element.textContent ?? 'null') : null

export const inReport = embedded !== null

const read = async <T>(text: string | undefined): Promise<T | null> => (text ? (JSON.parse(await inflated(text)) as T) : null)

export const reportView = (which: 'main' | 'ghost') => read<View>(embedded?.views[which])
export const reportData = () => read<Data>(embedded?.data)
export const reportPlan = () => read<Plan>(embedded?.plan)
export const reportBargain = () => read<Bargain>(embedded?.bargain)
