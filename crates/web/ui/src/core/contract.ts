// What the server says, as types: the view of a run (version 1) and the answers of the API. Nothing here computes.

/** One number a step; null where it is not known. */
export type Series = (number | null)[]

export interface Region { id: string; name: string; lat: number | null; lon: number | null }

export interface Demand {
  id: string; name: string; region: string; end_use: 'civil' | 'military'; unit: string
  required: Series; met: Series; unmet: Series
  first: string | null
  /** What is unmet is delayed, not lost. */
  late: boolean
  cost: number
}

export interface Policy {
  id: string; type: 'measure' | 'truce'; kind: string; name: string; by: string; what: string
  from: string; until: string | null; suspended: [string, string][]
  claimed_by: string | null; legal: string | null; source: string[]; note: string | null; responds_to: string | null
}

export interface PolicyEvent { date: string; label: string; policy: string }

export type Measure = 'quantity' | 'value'

export interface StageOutput { stage: string; unit: string; made: Record<string, Series> }

export interface Lane { from: string; to: string; flow: Series }

export interface StageTrade { stage: string; lanes: Lane[] }

/** `region` is a region's id or `stock`; a column may hold two stages, of which the first gives it its name. */
export interface FlowNode { column: number; stage: string; region: string; name: string }

export interface FlowGroup {
  id: string; name: string; region: string | null; end_use: 'civil' | 'military'; demands: string[]
  required: Series; met: Series; from_stock: Series
}

/** `from` and `to` are indices of nodes, `group` one of groups; without `to` the link ends at the group itself. */
export interface FlowLink { from: number; to: number | null; group: number; flow: Series }

export interface Flows {
  stage: string; measure: Measure; unit: string
  columns: string[]; nodes: FlowNode[]; groups: FlowGroup[]; links: FlowLink[]
}

export type Unit = 'week' | 'month' | 'quarter'

/** First days of the steps; steps from `read` on belong to the end of the horizon and are not to be read. */
export interface Calendar { unit: Unit; days: string[]; end: string; read: number }

/** A node of the chain with what makes it a chokepoint; `id` names it as on the command line. */
export interface Ranked {
  id: string; kind: 'stage' | 'site' | 'lane' | 're-exports'; name: string; stage: string; regions: string[]
  share: number | null; hhi: number | null; n1_carried: number | null
  cuts: number; largest_cut: number; one_percent: number; one_more: number; when: string | null; set_by: string | null
}

/** Who makes the output of a stage; `hhi_by_owner` is the least and the most, as far as owners are known. */
export interface StageShares {
  stage: string; output: number; countries: { region: string; share: number }[]
  hhi: number; hhi_by_owner: [number, number]; unknown_owner: number; n1: number | null; n1_carried: number | null
}

export interface Chokepoints {
  from: string; until: string; needs: number
  stages: Ranked[]; sites: Ranked[]; lanes: Ranked[]; concentration: StageShares[]
}

export interface View {
  view: 1
  model: string; model_hash: string; scenario: string; scenario_id: string | null; scenario_hash: string
  story: string; foresight: Foresight; preview: boolean; without: string | null; currency: string; version: string; command: string | null
  objective: number; unmet_value: number
  calendar: Calendar
  headline: { text: string; strong: string[] }
  key: { label: string; value: string; note: string }[]
  regions: Region[]; demands: Demand[]; policies: Policy[]; events: PolicyEvent[]
  stages: StageOutput[]; trade: StageTrade[]; flows: Flows[]
  losses: { region: string; civil: number; military: number; duties: number }[]
  /** Null in a run without a node. */
  chokepoints: Chokepoints | null
}

export type Foresight = 'announced' | 'perfect'

export interface Model {
  api: number; version: string; model: string; model_hash: string; currency: string; unit: Unit; days: string[]
  default_scenario: string | null
  scenarios: { id: string; name: string; story: string }[]
  /** How many ensembles are shown beside it. */
  ensembles: number
  /** How many plans, and bargains. */
  plans: number; bargains: number
}

/** An ensemble that the server was started with. */
export interface EnsembleAbout {
  id: string; name: string; samples: number; model: string; scenario: string; foresight: Foresight; currency: string
  demands: { id: string; name: string; unit: string }[]
  start: string; end: string
}

/** A figure and its interval; null where it is not known. */
export interface Known { value: number | null; low: number | null; high: number | null }

export interface AtRisk { id: string; name: string; short: Known; mean: number | null; cvar: number | null; median_day: string }

export type Unknowns =
  | { kind: 'indices'; rows: number; inputs: { id: string; name: string; first: Known; total: Known }[] }
  | { kind: 'correlations'; inputs: { id: string; name: string; correlation: number | null }[] }
  | { kind: 'constant' }
  | { kind: 'unknown'; why: string }

export type Conditions =
  | { kind: 'found'; boxes: { words: string; density: number; coverage: number; mass: number; samples: number }[] }
  | { kind: 'none'; why: string }

/** What an ensemble says, as `coercivity summarize --json` prints it. */
export interface Futures {
  name: string; model: string; scenario: string; currency: string
  samples: number; no_model: number; stopped: number; why: string | null
  confidence: number; alpha: number
  demand: string | null; demand_name: string | null; by: string | null
  short: Known
  /** How likely it is to have been short before each day. */
  by_date: [string, Known][]
  /** Of the value unmet. */
  quantiles: [number, Known][]; mean: number | null; cvar: Known
  /** Of the need that is asked for: units unmet by step, as quantiles (5%, 25%, 50%, 75%, 95%). */
  fan: [string, Series][] | null
  demands: AtRisk[]; unknowns: Unknowns; conditions: Conditions
}

/** A plan or a bargain that the server was started with. */
export interface FoundAbout { id: string; name: string }

/** A portfolio and what comes of it; null where nothing cannot be done, or it is not known. */
export interface PlanOutcome {
  budget: number; spent: number
  expected_loss: number | null; cvar: number | null
  less_expected: number | null; less_cvar: number | null
  next_unit: number | null
  /** Share of each option, by id. */
  shares: [string, number][]
}

export interface PlanItem {
  id: string; name: string; share: number; amount: number; unit: string; money: number; ready: string
  /** Null where it is not known, or a requirement cannot be met without it (`needed`). */
  buys: number | null; needed: boolean
}

export interface Regret {
  future: string; probability: number; best: number; plan: number; nothing: number | null; middle: number | null
  plan_regret: number; nothing_regret: number | null; middle_regret: number | null
}

/** What a plan found, as `coercivity plan --json` prints it. */
export interface Plan {
  format: 1
  name: string; currency: string; futures: number; options: number; weight: number; level: number
  nothing: PlanOutcome; plan: PlanOutcome
  saves: number | null; gap: number | null; gap_of_savings: number | null
  items: PlanItem[]
  shadow_price: number | null
  frontier: PlanOutcome[]
  entry: { id: string; name: string; budget: number; share: number }[]
  values: { stochastic_solution: number | null; perfect_information: number; waiting: number | null; wait_months: number | null } | null
  regret: Regret[]
  rounds: number; cuts: number; stopped: boolean
}

/** Places in the lists of a bargain name its players, levers, levels and packages; numbers name its combinations. */
export interface BargainPlayer { id: string; name: string; levers: number[]; bystander: boolean }

/** `place` is what a step of its level adds to the number of a combination. */
export interface BargainLever { id: string; name: string; by: number; levels: { id: string; name: string }[]; place: number; source: string | null }

/** `cell` is what it adds to the number of a combination. */
export interface BargainPackage { levels: number[]; name: string; cell: number }

export interface Combination { cell: number; levels: number[]; name: string; payoffs: number[] | null; gains: number[] | null }

export interface Exact { text: string; value: number }

/** A combination, or a draw by lot between some. */
export interface Mixed { mix: { cell: number; name: string; share: Exact }[]; payoffs: number[]; gains: number[]; exact: boolean }

export interface BargainPosition {
  id: string; name: string; of: number | null; date: string | null; source: string | null; note: string | null
  combination: Combination; acceptable: boolean | null; shortfall: number[] | null; can_be_paid_for: boolean | null; on_frontier: boolean | null
  additions: { adds: { by: number; from: number; lever: number; level: number }[]; combination: Combination }[]
}

/** What levers cost each player; below 0 = it gains. */
export interface Costs {
  /** The share is null where not all combinations of a large hand were run. */
  levers: { lever: number; alone: number[]; last: number[]; share: number[] | null }[]
  together: number[]; apart: number[]; interaction: number[]
}

export interface Hand { player: number; alone: Costs | null; in_no_deal: Costs | null }

export type Fades = { state: 'never' } | { state: 'until'; date: string } | { state: 'throughout' }

export interface Fade { player: number; lever: number | null; on: number; costs: [string, number][]; half: Fades; beyond_own: Fades }

export interface Played { package: number; share: Exact }

export interface Equilibrium { row: Played[]; column: Played[]; cell: number | null; payoffs: number[] }

export interface BargainGame {
  row: number; column: number
  dominance: { round: number; player: number; package: number; by: Played[]; margin: number }[]
  /** Packages of each that give everybody the same, each group told by its first. */
  same: [number[][], number[][]]
  equilibria: Equilibrium[] | null
  components: { equilibria: number[]; pieces: { row: string; column: string }[]; payoffs: [number, number][] }[]
  too_large: string | null
}

/** The patience that it takes to keep an agreement: a discount factor of a round. */
export interface Keeps { least: number | null; exact: Exact | null; rate_per_year: number | null; words: string }

export type Move = 'yes' | 'no' | 'either'

/** What a bargain comes to, as `coercivity bargain --json` prints it. */
export interface Bargain {
  format: 1
  name: string; headline: string; currency: string; talks: string; months: number; round_to: number
  model: string; scenario: string; hash: string; command: string
  players: BargainPlayer[]; levers: BargainLever[]
  sides: { player: number; packages: BargainPackage[] }[]
  runs: { cells: number; known: number; programs: number; drawn: boolean }
  /** By combination, by player; null = not run. */
  payoffs: (number[] | null)[]
  no_deal: Combination
  positions: BargainPosition[]
  ledger: Hand[]
  decay: { date: string; months: number; hands: Hand[] }[]
  fades: Fade[]
  lasts: { player: number; lever: number | null; days: number | null; throughout: boolean }[]
  game: BargainGame | null
  no_game: string | null
  draws: { samples: number; counted: number; outcomes: { cell: number; equilibrium: number; only: number }[]; none: number } | null
  threats: { player: number; other: number; costs_own: number; carried_out: Move; given_in: Move }[]
  /** Null = unknown: no deal was not run. */
  deals: {
    frontier: Combination[]; acceptable: number
    points: { rule: string; deal: Mixed }[]
    payments: { surplus: number; gains: number[]; ways: { combination: Combination; paid: number[] }[] } | null
    problems: string[]
  } | null
  constraints: { id: string; name: string; source: string | null; left: number; prices: { rule: string; bound: Mixed | null; lost: number[] }[] }[]
  truce: {
    round_months: number; renewal: number; answered_after: number
    agreements: { position: string | null; combination: Combination; terms: { player: number; keeps: Keeps }[] }[]
    linkage: { issues: { id: string; name: string }[]; all_apart: Keeps; all_pooled: Keeps } | null
  } | null
  patience: { player: number; days: number | null; throughout: boolean; patience: Exact | null }[]
  offers: { first: number; shares: Exact[] }[]
  doubt: string[]
}

export interface Parameter { key: string; label: string; value: number; kind: 'share' | 'rate' | 'amount' | 'days' }

export interface ScenarioMeasure {
  id: string; name: string; kind: string; by: string; by_regions: string[]; what: string
  from: string; until: string | null; announced: string | null; until_announced: string | null
  claimed_by: string | null; legal: string | null; source: string[]; note: string | null; responds_to: string | null
  parameters: Parameter[]
}

export interface ScenarioTruce {
  id: string; name: string; suspends: string[]; from: string; until: string | null; announced: string | null
  extended: number; extensions: { until: string; announced: string | null; probability: number | null }[]
  claimed_by: string | null; legal: string | null; source: string[]; note: string | null; responds_to: string | null
}

export interface Scenario { id: string; name: string; story: string; measures: ScenarioMeasure[]; truces: ScenarioTruce[] }

/** A change to one measure or truce of a scenario. */
export interface Edit { id: string; off?: true; set?: Record<string, string | number | null> }

/** What one run is of; without a scenario there are no measures. `without` is a node that is lost. */
export interface RunRequest { scenario: string | null; foresight: Foresight; preview: boolean; edits: Edit[]; without?: string }

export interface Diagnostic {
  severity?: string; code: string; message: string
  place?: { file: string; line: number; column: number } | null; help?: string | null
}

export interface Problem { code: string; message: string; help?: string | null; diagnostics?: Diagnostic[] }

export interface Status {
  id: string; state: 'queued' | 'running' | 'done' | 'failed' | 'cancelled'
  ahead: number; stage: string; done: number | null; seconds: number
  error: Problem | null; request: RunRequest
}

export interface Figure {
  table: string; row: string; column: string; value: string; unit: string | null
  source: string[]; confidence: string | null; low: number | string | null; high: number | string | null; why: string | null
}

export interface Source { title: string; publisher?: string | null; year?: string | number | null; url?: string | null; note?: string | null }

export interface Data { figures: Figure[]; sources: Record<string, Source>; unknown: number }
