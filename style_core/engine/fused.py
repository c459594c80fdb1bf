"""What lies between the convolutions, in CUDA kernels, where a card computes in float16.

The convolutions of a step at 1080p take 5 ms on an H100; what lay between them, pass after pass over all activations,
took 13. The kernels are compiled by NVRTC, which comes with torch: nobody needs a compiler.
"""

import functools
import logging
from collections.abc import Callable, Sequence

import torch

THREADS = 256
# How the gradient comes from above: not at all, on the same grid, or from pooled activations.
NOT_AT_ALL, SAME_GRID, AVERAGE, MAX = range(4)
KINDS = {"average": AVERAGE, "max": MAX}
# Values of float16 that are read at once.
AT_ONCE = 8

SOURCE = r"""
typedef uint4 Eight;

__device__ __forceinline__ float wide(unsigned short half) {
    float value;
    asm("cvt.f32.f16 %0, %1;" : "=f"(value) : "h"(half));
    return value;
}

__device__ __forceinline__ unsigned short narrow(float value) {
    unsigned short half;
    asm("cvt.rn.f16.f32 %0, %1;" : "=h"(half) : "f"(value));
    return half;
}

__device__ __forceinline__ void unpack(const Eight packed, float *values) {
    const unsigned pairs[4] = {packed.x, packed.y, packed.z, packed.w};
    #pragma unroll
    for (int i = 0; i < 4; ++i) {
        values[2 * i] = wide(pairs[i] & 0xffff);
        values[2 * i + 1] = wide(pairs[i] >> 16);
    }
}

__device__ __forceinline__ unsigned pair(const float *values) {
    return narrow(values[0]) | (unsigned(narrow(values[1])) << 16);
}

__device__ __forceinline__ Eight pack(const float *values) {
    return make_uint4(pair(values), pair(values + 2), pair(values + 4), pair(values + 6));
}

__device__ __forceinline__ void add(float *sum, const Eight packed, float factor) {
    float values[8];
    unpack(packed, values);
    #pragma unroll
    for (int i = 0; i < 8; ++i) sum[i] += factor * values[i];
}

// All: one thread a position of what comes out, and eight channels; channels come last.

// In place: the bias of each channel, and the ReLU.
extern "C" __global__ void settle(Eight *x, const Eight *bias, int count, int channels) {
    const int place = blockIdx.x * blockDim.x + threadIdx.x;
    if (place >= count) return;
    float value[8];
    unpack(x[place], value);
    add(value, bias[place % channels], 1.0f);
    #pragma unroll
    for (int i = 0; i < 8; ++i) value[i] = value[i] <= 0.0f ? 0.0f : value[i];
    x[place] = pack(value);
}

extern "C" __global__ void pool(
    Eight *out, const Eight *x, int kind, double gain, int height, int width, int channels
) {
    const int place = blockIdx.x * blockDim.x + threadIdx.x;
    const int columns = width / 2;
    if (place >= height / 2 * columns * channels) return;
    const int row = place / (columns * channels), column = place / channels % columns, channel = place % channels;
    const int corner = (2 * row * width + 2 * column) * channels + channel;
    const int steps[4] = {0, channels, width * channels, (width + 1) * channels};
    float pooled[8], value[8];
    unpack(x[corner], pooled);
    #pragma unroll
    for (int j = 1; j < 4; ++j) {
        unpack(x[corner + steps[j]], value);
        #pragma unroll
        for (int i = 0; i < 8; ++i) {
            if (kind == 2) pooled[i] += value[i];
            else pooled[i] = pooled[i] >= value[i] ? pooled[i] : value[i];
        }
    }
    #pragma unroll
    for (int i = 0; i < 8; ++i) pooled[i] *= float(gain);
    out[place] = pack(pooled);
}

extern "C" __global__ void join(
    Eight *out, const Eight *x, const Eight *above, const Eight *first, const float *first_factor,
    const Eight *second, const float *second_factor, int kind, int additions, double gain,
    int height, int width, int channels, int begin, int end
) {
    const int place = blockIdx.x * blockDim.x + threadIdx.x;
    const int row_length = width * channels;
    if (place >= height * row_length) return;
    const int row = place / row_length, column = place % row_length / channels, channel = place % channels;
    const bool counts = row >= begin && row < end;
    float own[8], sum[8] = {0, 0, 0, 0, 0, 0, 0, 0};
    unpack(x[place], own);
    if (kind == 1) add(sum, above[place], 1.0f);
    if (kind >= 2 && counts) {
        const int half_row = (row - begin) / 2, half_column = column / 2;
        const int half_width = width / 2;
        if (half_row < (end - begin) / 2 && half_column < half_width) {
            const Eight packed = above[(half_row * half_width + half_column) * channels + channel];
            if (kind == 2) {
                add(sum, packed, float(gain));
            } else {
                // The first of the greatest of the block has all of the gradient.
                float pooled[8], value[8], greatest[8];
                int winner[8];
                unpack(packed, pooled);
                const int corner = (begin + 2 * half_row) * row_length + 2 * half_column * channels + channel;
                const int steps[4] = {0, channels, row_length, row_length + channels};
                #pragma unroll
                for (int j = 0; j < 4; ++j) {
                    unpack(x[corner + steps[j]], value);
                    #pragma unroll
                    for (int i = 0; i < 8; ++i)
                        if (j == 0 || value[i] > greatest[i]) { greatest[i] = value[i]; winner[i] = j; }
                }
                const int mine = (row - begin) % 2 * 2 + column % 2;
                #pragma unroll
                for (int i = 0; i < 8; ++i) sum[i] = winner[i] == mine ? pooled[i] : 0.0f;
            }
        }
    }
    if (counts) {
        const int inside = place - begin * row_length;
        if (additions > 0) add(sum, first[inside], *first_factor);
        if (additions > 1) add(sum, second[inside], *second_factor);
    }
    #pragma unroll
    for (int i = 0; i < 8; ++i) sum[i] = own[i] <= 0.0f ? 0.0f : sum[i];  // what is no number stays so
    out[place] = pack(sum);
}
"""


@functools.cache
def kernel(name: str, device: torch.device) -> Callable[..., None] | None:
    """One of the kernels, compiled for a card; None where its torch cannot compile."""
    compile_kernel = getattr(torch.cuda, "_compile_kernel", None)
    if compile_kernel is None or not torch.version.cuda:
        return None
    try:
        with torch.cuda.device(device):
            return compile_kernel(SOURCE, name)
    except (RuntimeError, OSError, ImportError) as error:
        logging.getLogger(__name__).warning("The card's kernels cannot be compiled; painting is slower. %s", error)
        return None


def run(name: str, count: int, *arguments: torch.Tensor | int | float) -> None:
    """Runs a kernel in so many threads."""
    blocks = (count + THREADS - 1) // THREADS
    kernel(name, arguments[0].device)((blocks, 1, 1), (THREADS, 1, 1), list(arguments))


def has_kernels(x: torch.Tensor) -> bool:
    """Whether there are kernels for activations such as these, (1, N, H, W)."""
    fits = x.is_cuda and x.dtype == torch.float16 and x.shape[1] % AT_ONCE == 0 and x.numel() // AT_ONCE < 1 << 31
    return fits and comes_last(x) and None not in (kernel(name, x.device) for name in ("settle", "pool", "join"))


def comes_last(x: torch.Tensor) -> bool:
    """Whether channels come last in memory, without gaps."""
    return x.is_contiguous(memory_format=torch.channels_last)


def can_join(x: torch.Tensor, additions: Sequence[tuple[torch.Tensor, torch.Tensor | None]]) -> bool:
    """Whether the kernel can add these to the gradient of activations x (1, N, H, W)."""
    apt = (factor is not None and values.dtype == torch.float16 and comes_last(values) for values, factor in additions)
    return len(additions) <= 2 and has_kernels(x) and all(apt)


def join(
    x: torch.Tensor,
    above: torch.Tensor | None,
    kind: int,
    gain: float,
    additions: Sequence[tuple[torch.Tensor, torch.Tensor]],
    core: tuple[int, int],
) -> torch.Tensor:
    """What `backwards.joined` gives; `above` is the gradient of x itself or, by `kind`, of its pooled core."""
    out = torch.empty_like(x)
    above = x if above is None else above.contiguous(memory_format=torch.channels_last)
    slots = [tensor for addition in additions for tensor in addition]
    slots += [x] * (4 - len(slots))  # which are not read
    _, channels, height, width = x.shape
    shape = (height, width, channels // AT_ONCE)
    run("join", x.numel() // AT_ONCE, out, x, above, *slots, kind, len(additions), float(gain), *shape, *core)
    return out


def settle(x: torch.Tensor, bias: torch.Tensor) -> torch.Tensor:
    """A convolution's output x (1, N, H, W) with its bias (N,) added, and its ReLU, in place."""
    count = x.numel() // AT_ONCE
    run("settle", count, x, bias, count, x.shape[1] // AT_ONCE)
    return x


def pool(x: torch.Tensor, kind: int, gain: float) -> torch.Tensor:
    """The sum, or the greatest, of each 2x2 block, times `gain`."""
    _, channels, height, width = x.shape
    size = (1, channels, height // 2, width // 2)
    out = torch.empty(size, dtype=x.dtype, device=x.device, memory_format=torch.channels_last)
    run("pool", out.numel() // AT_ONCE, out, x, kind, float(gain), height, width, channels // AT_ONCE)
    return out
