/** @file The commented config that `inframind init` writes. It loads as it stands (tested). */

const example = `# INFRAMIND: answers within a latency budget, from the engines named here.
# Durations and sizes carry units (500ms, 30s, 2m; 512KB, 4MB). Unknown names are refused.
version: 1

# A non-loopback address needs keys (see below), or serve --insecure.
listen: 127.0.0.1:8080

# Every serving process, each with its own URL. The same model twice: two replicas.
# Dialect, context, KV size and slots are probed; set them where the engine does not say.
engines:
  - url: http://127.0.0.1:8001
    model: qwen-32b
    tier: large              # small, medium, large: rough ability of a model that is not known
  - url: http://127.0.0.1:8002
    model: llama-8b
    tier: small
    slots: 16                # requests that it runs at once
    # api_key: \${LLAMA_KEY}    # from the environment; or file:secrets/llama.key
    # context: 16384         # longest prompt plus output, in tokens
    # kv_tokens: 200000      # KV-cache size, in tokens
    # extra_body:            # body fields that go with a depth of reasoning
    #   flash: { reasoning_effort: low }

# Names that clients ask for. "inframind" always exists; inframind@10s sets a budget for one request.
models:
  inframind: { budget: 30s, max_agents: 4, on_deadline: best-effort }
  fast: { budget: 5s, max_agents: 1 }

policy: { planner: rules, executor: slack-greedy, discipline: edf-demote }
#   Learned: { planner: learned, executor: learned, file: ./policies/mine }; a second one may look on: shadow: { ... }.
#   kill -HUP reads policy and models again.

# keys: { file: keys.yaml }  # a list of { id, sha256, rate_per_min, concurrency, max_budget, models, max_calls }

limits: { waiting: 10000, body: 4MB }

# What is kept of every run: metadata, no texts.
records: { dir: ./runs, content: metadata, keep: 7d }

# Gateways in front of the same engines: each uses its part of slots and KV.
gateways: 1
`

/** A commented YAML config for two engines. */
export const exampleConfig = (): string => example
