/** @file What engines share and suffer: GPUs. */
export { type GpuSeat, type GpuTenant, SharedGpu, type SharedGpuOptions, shareGpus } from './shared-gpu.ts'
