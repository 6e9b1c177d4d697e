/** @file Complex numbers: the values of expressions at points. Principal branches throughout. */

export interface Complex {
  readonly re: number
  readonly im: number
}

export const real = (re: number): Complex => ({ re, im: 0 })
export const imaginaryUnit: Complex = { re: 0, im: 1 }

export const add = (a: Complex, b: Complex): Complex => ({ re: a.re + b.re, im: a.im + b.im })
export const subtract = (a: Complex, b: Complex): Complex => ({ re: a.re - b.re, im: a.im - b.im })
export const multiply = (a: Complex, b: Complex): Complex => ({
  re: a.re * b.re - a.im * b.im,
  im: a.re * b.im + a.im * b.re,
})
export const magnitude = ({ re, im }: Complex): number => Math.hypot(re, im)

/** NaN where `b` is 0. */
export function divide(a: Complex, b: Complex): Complex {
  const square = b.re * b.re + b.im * b.im
  if (square === 0) return { re: Number.NaN, im: Number.NaN }
  return { re: (a.re * b.re + a.im * b.im) / square, im: (a.im * b.re - a.re * b.im) / square }
}

export function exp({ re, im }: Complex): Complex {
  const radius = Math.exp(re)
  return im === 0 ? real(radius) : { re: radius * Math.cos(im), im: radius * Math.sin(im) }
}

/** Infinite at 0. */
export const log = (a: Complex): Complex => ({ re: Math.log(magnitude(a)), im: Math.atan2(a.im, a.re) })

export function sqrt(a: Complex): Complex {
  if (a.im === 0) return a.re >= 0 ? real(Math.sqrt(a.re)) : { re: 0, im: Math.sqrt(-a.re) }
  const radius = magnitude(a)
  const im = Math.sqrt((radius - a.re) / 2)
  return { re: Math.sqrt((radius + a.re) / 2), im: a.im < 0 ? -im : im }
}

const largestPower = 1000

/** NaN for 0 to a power that is not positive. Whole powers by repeated squaring, others through the logarithm. */
export function power(base: Complex, exponent: Complex): Complex {
  if (base.re === 0 && base.im === 0) return real(exponent.im === 0 && exponent.re > 0 ? 0 : Number.NaN)
  const isWhole = exponent.im === 0 && Number.isInteger(exponent.re) && Math.abs(exponent.re) <= largestPower
  if (!isWhole) {
    if (base.im === 0 && base.re > 0 && exponent.im === 0) return real(base.re ** exponent.re)
    return exp(multiply(exponent, log(base)))
  }
  let result = real(1)
  let square = base
  for (let left = Math.abs(exponent.re); left > 0; left = Math.floor(left / 2)) {
    if (left % 2 === 1) result = multiply(result, square)
    square = multiply(square, square)
  }
  return exponent.re < 0 ? divide(real(1), result) : result
}

export const sin = ({ re, im }: Complex): Complex => ({
  re: Math.sin(re) * Math.cosh(im),
  im: im === 0 ? 0 : Math.cos(re) * Math.sinh(im),
})
export const cos = ({ re, im }: Complex): Complex => ({
  re: Math.cos(re) * Math.cosh(im),
  im: im === 0 ? 0 : -Math.sin(re) * Math.sinh(im),
})
