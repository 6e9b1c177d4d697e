/** @file The names by which things are known across the wings. Plain strings: they travel in JSON, metrics and logs. */

/** Model as clients and records name it, e.g. `qwen-32b`. Several replicas may serve one model. */
export type ModelId = string
/** One engine process that serves one model: `model#1`, `model#2` ... unless the config names it. */
export type ReplicaId = string
/** One query's life, from arrival to last byte. Unique within a gateway; starts with `run_`. */
export type RunId = string
/** A step within a run: `round/agent`; its calls add the attempt: `round/agent/attempt`. */
export type StepId = string
/** A role's name as in its YAML file, e.g. `MathSolver`. */
export type RoleId = string
/** A topology's name, e.g. `debate`. */
export type TopologyId = string
