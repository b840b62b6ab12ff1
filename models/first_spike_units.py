"""Integer units behind pixels that spike once: a slope that spikes raise, a membrane that integrates it, and 8-bit outputs.

All variables hold integers, which 64-bit floating point adds and multiplies exactly. A pixel of level v spikes v ticks before the
end, so that its spike, which raises the slope by a weight, raises the membrane by v times that weight until then: the sum of a frame.
"""

from __future__ import annotations

#: One spike a pixel, the brighter the earlier; in a frame the pixel's level stands in its place, all in one tick.
PIXEL = "spike = int(level > 0)*int(tick == ticks - level)"
FRAME = "spike = level"
MEMBRANE = """
slope = int(tick > 0)*slope + arriving
v = int(tick > 0)*v + slope
"""
#: A drive of whole numbers in 8 bits, as an arithmetic shift to the right gives them, limited to -128 to 127.
OUTPUT = "y = clip(floor(drive*scale), -128, 127)"
