/**
 * @file One look at an engine: health and load each time, capabilities when they may have changed (at first, after an
 * outage, once a minute). Absent is not zero: a field that the engine does not publish is null and listed as missing.
 */
import type { Pool } from 'undici'
import type { Clock, EngineReading } from '../../core/index.ts'
import { type Capabilities, countBusySlots, noCapabilities, readCapabilities } from './capabilities.ts'
import type { Dialect } from './dialects/dialect.ts'
import { type Fetched, fetchText, textOfPage } from './fetch-text.ts'
import { readMetrics } from './metrics-reading.ts'

export interface EngineReaderOptions {
  readonly pool: Pool
  readonly prefix: string
  readonly headers: Readonly<Record<string, string>>
  readonly dialect: Dialect
  readonly clock: Clock
  readonly servedModel: string
  /** Stands in where the engine does not report its slots. */
  readonly slots: number | null
}

const capabilitiesLastMs = 60_000

/** Makes the `read` of an engine. It never rejects; an unreachable engine reads as `down`. */
export function createEngineReader(options: EngineReaderOptions): (signal: AbortSignal) => Promise<EngineReading> {
  const { clock, dialect } = options
  let capabilities = noCapabilities
  let refreshAtMs = -Infinity
  const get = (path: string | null, signal: AbortSignal): Promise<Fetched | null> =>
    path === null ? Promise.resolve(null) : fetchText({ ...options, path: options.prefix + path, signal })

  return async (signal) => {
    const isDue = clock.nowMs() >= refreshAtMs
    const [healthPage, metricsPage, modelsPage, propsPage] = await Promise.all([
      get(dialect.healthPath, signal),
      get(dialect.metricsPath, signal),
      get(isDue ? '/v1/models' : null, signal),
      get(isDue ? dialect.propsPath : null, signal),
    ])
    const health = healthOf(healthPage as Fetched)
    if (health !== 'ok') refreshAtMs = -Infinity
    else if (isDue) {
      const pages = { models: pageText(modelsPage), props: pageText(propsPage), servedModel: options.servedModel }
      capabilities = readCapabilities(pages, dialect)
      refreshAtMs = clock.nowMs() + capabilitiesLastMs
    }
    const metrics = readMetrics(pageText(metricsPage) ?? '', dialect)
    const needsSlots = health === 'ok' && metrics.running === null && dialect.slotsPath !== null
    const busySlots = needsSlots ? countBusySlots(pageText(await get(dialect.slotsPath, signal))) : null
    return assemble({ options, capabilities, health, metrics, busySlots })
  }
}

const pageText = (page: Fetched | null): string | null => (page === null ? null : textOfPage(page))

/** 503 means loading where the engine says so. No health page at all is no sign of sickness; a refused key is. */
function healthOf(page: Fetched): EngineReading['health'] {
  if ('error' in page) return 'down'
  if (page.status < 300 || page.status === 404 || page.status === 405) return 'ok'
  return page.status === 503 && /loading/i.test(page.text) ? 'loading' : 'down'
}

interface Parts {
  readonly options: EngineReaderOptions
  readonly capabilities: Capabilities
  readonly health: EngineReading['health']
  readonly metrics: ReturnType<typeof readMetrics>
  readonly busySlots: number | null
}

function assemble({ options, capabilities, health, metrics, busySlots }: Parts): EngineReading {
  const { metricNames, ...fields } = metrics
  const { slotsPath, propsPath } = options.dialect
  const names = { ...metricNames, ...(busySlots !== null && slotsPath !== null && { running: slotsPath }) }
  const values = {
    ...fields,
    running: fields.running ?? busySlots,
    contextTokens: capabilities.contextTokens,
    slots: capabilities.slots ?? options.slots,
  }
  return {
    atMs: options.clock.nowMs(),
    health,
    dialect: options.dialect.id,
    ...values,
    servedModels: capabilities.servedModels,
    metricNames: { ...names, ...(capabilities.slots !== null && propsPath !== null && { slots: propsPath }) },
    missing: Object.entries(values).flatMap(([field, value]) => (value === null ? [field] : [])),
  }
}
